import os

from comfy_sdk import Comfy

MODEL = "pika/pika-2.5-image-to-video"
arguments = {"image": os.environ["PICTURE"], "prompt": "waves", "resolution": "720p"}

with Comfy() as comfy:
    held = comfy.models.run(MODEL, arguments)
    handle = comfy.models.submit(MODEL, arguments)
    queued = handle.get()
    seen = []
    followed = comfy.models.subscribe(
        MODEL, arguments, on_queue_update=lambda update: seen.append(update.status)
    )
assert seen
for result in (held, queued, followed):
    print(result["output"]["video"]["url"])
