"""The same bot with the module for Zstandard that Python has from 3.14 on, by its backport."""

import runpy
import sys
from pathlib import Path
from types import ModuleType

from backports import zstd

package = ModuleType("compression")
package.zstd = zstd
sys.modules |= {"compression": package, "compression.zstd": zstd}

runpy.run_path(str(Path(__file__).with_name("discordpy_bot.py")))
