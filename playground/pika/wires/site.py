"""Where a stand-in is found: its origins, and the addresses of what it stores."""

from dataclasses import dataclass, field

from playground.pika.jobs.files import Upload
from playground.pika.jobs.job import Job


@dataclass(frozen=True, slots=True)
class Site:
    """The API is at `origin`, its files at `cdn_origin`; uploads begin at `upload_origin`.

    `public_origins` stand for public hosts, from which the provider fetches pictures itself.
    """

    origin: str
    cdn_origin: str
    upload_origin: str
    key: str = field(repr=False)
    public_origins: set[str]

    def upload_url(self, upload: Upload) -> str:
        """Where an upload is put, and where it lies afterwards."""
        return f"{self.cdn_origin}/uploads/{upload.name}"

    def upload_name(self, url: str) -> str:
        """The name of the upload that lies at this address; any text where there is none."""
        return url.removeprefix(f"{self.cdn_origin}/uploads/")

    def video_url(self, job: Job) -> str:
        """Where the video of a completed job is downloaded."""
        return f"{self.cdn_origin}/cdn/{job.video.name}"
