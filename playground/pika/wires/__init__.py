"""The four ways in: Pika's own API, fal, Comfy's router and its proxy."""
