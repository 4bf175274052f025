import os
from pathlib import Path

import fal_client
from fal_client import client

client.REST_URL = os.environ["REST"]
client.QUEUE_URL_FORMAT = os.environ["QUEUE"] + "/"
client.CDN_URL = os.environ["FILES"]

# Its fallback would send the key along to the other origin, which the stand-in refuses.
picture = Path(os.environ["PICTURE"]).read_bytes()
url = fal_client.upload(picture, "image/jpeg", "a.jpg", fallback_repository=[])
seen = []
result = fal_client.subscribe(
    "fal-ai/pika/v2.2/image-to-video",
    {"image_url": url, "prompt": "waves"},
    with_logs=True,
    on_queue_update=lambda status: seen.append(type(status).__name__),
)
assert seen[-1] == "Completed", seen
print(result["video"]["url"])
