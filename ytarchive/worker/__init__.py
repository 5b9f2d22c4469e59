"""The worker process: the only code that imports yt_dlp."""
