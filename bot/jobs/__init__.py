"""The life of a job, from queued to delivered, failed or cancelled."""
