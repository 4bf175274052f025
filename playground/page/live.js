// The websocket: opened anew for each place, and again when it breaks.

import { liveAddress } from "./api.js";
import { take, tell } from "./store.js";

const RETRY_MILLISECONDS = 800;

let socket = null;
let retry = 0;

/**
 * Follow the present place.
 * @param {boolean} curious whether to be told what happens behind the scenes
 * @param {(connected: boolean) => void} onConnection
 */
export function follow(curious, onConnection) {
  clearTimeout(retry);
  if (socket) socket.onclose = socket.onmessage = null;
  socket?.close();
  const current = new WebSocket(liveAddress(curious));
  socket = current;
  current.onopen = () => onConnection(true);
  current.onmessage = (event) => receive(JSON.parse(event.data));
  current.onclose = () => {
    onConnection(false);
    retry = setTimeout(() => follow(curious, onConnection), RETRY_MILLISECONDS);
  };
}

function receive(frame) {
  if (frame.type === "state") take(frame.state);
  else tell(frame.type, frame);
}
