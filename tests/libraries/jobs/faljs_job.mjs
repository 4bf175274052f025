import { readFileSync } from "node:fs";

import { fal } from "@fal-ai/client";

const hosts = { "rest.": process.env.REST, "queue": process.env.QUEUE };

function rewritten(address) {
  const url = new URL(address);
  if (url.hostname === "127.0.0.1") return address;
  const name = Object.keys(hosts).find((start) => url.hostname.startsWith(start));
  return hosts[name] + url.pathname + url.search;
}

fal.config({
  credentials: process.env.FAL_KEY,
  fetch: (address, options) => fetch(rewritten(address), options),
});

const seen = [];
const result = await fal.subscribe("fal-ai/pika/v2.2/image-to-video", {
  input: {
    image_url: new Blob([readFileSync(process.env.PICTURE)], { type: "image/jpeg" }),
    prompt: "waves",
  },
  logs: true,
  pollInterval: 50,
  onQueueUpdate: (status) => seen.push(status.status),
});
if (seen.at(-1) !== "COMPLETED") throw new Error(String(seen));
console.log(result.data.video.url);
