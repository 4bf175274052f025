"""A picture file becomes a JPEG, a video one that fits."""
