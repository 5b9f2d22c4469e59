"""Side-by-side measurements against yt-dlp's command line, on the stand-in."""
