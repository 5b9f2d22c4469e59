"""The YouTube Data API v3 as far as an archiver asks it: playlistItems, videos, channels and playlists, `list` alone.

Sources of what is said here, told where each fact is used: "reference" is Google's reference documentation of the API
and its discovery document; "seen" is a response that somebody quoted in a public bug report; "assumed" is neither.
"""
