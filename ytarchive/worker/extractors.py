"""yt-dlp's two YouTube extractors with a place to look in, and with less to do per video.

A subclass of the same name keeps `ie_key` and extractor arguments working. What is overridden is private to
yt-dlp: every step beside its own result is guarded, so that a newer engine that moved things costs us
evidence or a request, never a video.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from pydantic_core import from_json
from yt_dlp.extractor.youtube import YoutubeIE as _VideoExtractor
from yt_dlp.extractor.youtube import YoutubeTabIE as _ListExtractor
from yt_dlp.utils import DownloadCancelled, ExtractorError

from ytarchive.worker.formats import read_named
from ytarchive.worker.renderers import (
    count_in,
    lockup_line,
    plain_text,
    published_text,
    video_line,
    videos_in,
)
from ytarchive.worker.whose import channel_in, is_about, lists_in

_CLIENT_KEY = "__yt_dlp_client"
_CONTEXT_KEY = "__yt_dlp_innertube_context"
_MOST_CACHED = 512


class _Thrifty:
    """What both extractors do for every format and page, done once or faster (half of an extraction's time)."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._configurations: dict[str, Any] = {}
        self._is_guest = False

    def _get_default_ytcfg(self, client: str = "web") -> Any:
        """yt-dlp copies it for each look; what it writes into it is the same each time."""
        known = self._configurations.get(client)
        if known is None:
            known = self._configurations[client] = super()._get_default_ytcfg(client)  # type: ignore[misc]
        return known

    @property
    def is_authenticated(self) -> bool:
        """A guest stays one for as long as this lives; a signed-in session may be ended by YouTube."""
        if not self._is_guest:
            self._is_guest = not super().is_authenticated  # type: ignore[misc]
        return not self._is_guest

    _of_client = False

    def extract_ytcfg(self, video_id: Any, webpage: Any) -> Any:
        """A page says for whom it was made: cookies may be taken no more without being taken away."""
        found = super().extract_ytcfg(video_id, webpage)  # type: ignore[misc]
        with suppress(Exception):
            attempt = self._downloader.attempt  # type: ignore[attr-defined]
            if attempt.job.network.cookies_file and not self._of_client and found.get("LOGGED_IN") is False:
                attempt.seen.signed_out = True
        return found

    def _parse_json(self, json_string: Any, video_id: Any, *args: Any, **kwargs: Any) -> Any:
        """A watch page holds 1 MB of JSON. What the fast parser does not take is left to yt-dlp's own."""
        if not args and not kwargs.get("transform_source") and not kwargs.get("close_objects"):
            with suppress(ValueError, TypeError, AttributeError):
                text = json_string.lstrip()
                if kwargs.get("ignore_extra"):
                    end = text.find("</script")
                    text = (text if end < 0 else text[:end]).rstrip().rstrip(";")
                return from_json(text, cache_strings="keys")
        return super()._parse_json(json_string, video_id, *args, **kwargs)  # type: ignore[misc]


class YoutubeIE(_Thrifty, _VideoExtractor):  # type: ignore[misc]  # yt-dlp is not typed
    """One extraction of a video; what each player client answered is noted on the attempt."""

    # Addresses of captions in formats that nobody can wish for cost more than the rest of the extraction.
    _SUBTITLE_FORMATS = ("json3", "srv3", "srt", "vtt")

    # The player's code (2.5 MB) and what was solved of it outlive a job, as in one run of the command line.
    _code: ClassVar[dict[Any, Any]] = {}
    _solved: ClassVar[dict[Any, Any]] = {}

    def __init__(self, downloader: Any = None) -> None:
        super().__init__(downloader)
        for cache in (self._code, self._solved):
            if len(cache) > _MOST_CACHED:
                cache.clear()
        self._code_cache = self._code
        self._player_cache = self._solved

    def _extract_player_responses(self, *args: Any, **kwargs: Any) -> Any:
        """What each client said is known even when this raises, and the order is yt-dlp's when it does not."""
        seen = self._downloader.attempt.seen
        seen.playability, seen.named = (), ()
        result = super()._extract_player_responses(*args, **kwargs)
        with suppress(Exception):
            responses = [each for each in result[0] if isinstance(each, dict)]
            seen.playability = tuple(_playability(responses))
            with suppress(Exception):
                seen.named = tuple(named for each in responses for named in read_named(each))
            _trim(responses)
            self._complete(responses)
        return result

    def _complete(self, responses: list[dict[str, Any]]) -> None:
        """A page need not say what client it is for; yt-dlp fails for it when it comes to the captions."""
        for streaming in (each["streamingData"] for each in responses if each.get("streamingData")):
            if not streaming.get(_CONTEXT_KEY):
                streaming[_CONTEXT_KEY] = self._get_default_ytcfg(streaming[_CLIENT_KEY])["INNERTUBE_CONTEXT"]

    def _extract_player_response(self, client: str, video_id: str, *args: Any, **kwargs: Any) -> Any:
        """One client's answer. Whatever is wrong with it is a warning to yt-dlp, which asks the next client."""
        try:
            response = super()._extract_player_response(client, video_id, *args, **kwargs)
            if response is not None and not isinstance(response, dict):
                raise ExtractorError("Failed to parse JSON: the player's answer is no object")
        except (ExtractorError, DownloadCancelled):
            raise
        except Exception as error:
            raise ExtractorError(f"An extractor error has occurred: {error!r}", cause=error) from error
        if response is not None and not isinstance(response.get("streamingData"), dict):
            response.pop("streamingData", None)
        with suppress(Exception):
            if not self._invalid_player_response(response, video_id):
                self._downloader.attempt.seen.playability += tuple(_playability([response], client))
        return response

    def _download_ytcfg(self, client: str, video_id: str) -> Any:
        """The page of a client's configuration: without it, yt-dlp's own of that client does."""
        self._of_client = True
        try:
            return by_the_way(self._downloader, partial(super()._download_ytcfg, client, video_id)) or {}
        finally:
            self._of_client = False

    def _download_initial_data(self, *args: Any, **kwargs: Any) -> Any:
        """Chapters and likes: nothing that a video must wait for."""
        return by_the_way(self._downloader, partial(super()._download_initial_data, *args, **kwargs))


class YoutubeTabIE(_Thrifty, _ListExtractor):  # type: ignore[misc]  # yt-dlp is not typed
    """A listing; its lines are read for what we keep of them alone, and whose list it is gets noted on the attempt."""

    def _extract_data(self, url: str, item_id: str, *args: Any, **kwargs: Any) -> Any:
        """What is likely to be as it was is asked for by the one request that shows all of it, without its page."""
        seen = self._downloader.attempt.seen
        data = self._at_once(url, item_id)
        if data is None:
            data, ytcfg = super()._extract_data(url, item_id, *args, **kwargs)
        else:
            ytcfg = None
        with suppress(Exception):
            seen.channel = channel_in(data) or seen.channel
        self._note_lists(data)
        return data, ytcfg

    def _at_once(self, url: str, item_id: str) -> Any:
        """The answer that yt-dlp asks for after the page of a playlist; None where it is not one to rely on.

        Signed in, only the page tells for which of a person's channels to ask.
        """
        if self._downloader.attempt.job.known is None or "/playlist?" not in url or self.is_authenticated:
            return None
        ask: Any = getattr(super(), "_reload_with_unavailable_videos", None)
        data = by_the_way(self._downloader, lambda: ask(item_id, _A_PLAYLIST, None))
        with suppress(Exception):
            if self._extract_tab_renderers(data) and is_about(item_id, lists_in(data)):
                self._whole = data
                return data
        return None

    _whole: Any = None

    def _reload_with_unavailable_videos(self, item_id: str, data: Any, ytcfg: Any) -> Any:
        if data is not None and data is self._whole:
            return None
        again = super()._reload_with_unavailable_videos(item_id, data, ytcfg)
        with suppress(Exception):
            if not is_about(item_id, lists_in(again)):
                return None
        return again

    def _note_lists(self, data: Any) -> None:
        seen = self._downloader.attempt.seen
        with suppress(Exception):
            seen.lists |= lists_in(data)
        with suppress(Exception):
            seen.count = count_in(data)

    def write_debug(self, msg: str, *args: Any, **kwargs: Any) -> Any:
        """yt-dlp ends a list whose continuation was used before, and says so nowhere else."""
        if "looping" in msg:
            self._downloader.attempt.seen.looped = True
        return super().write_debug(msg, *args, **kwargs)

    def _extract_video(self, renderer: Any) -> Any:
        with suppress(Exception):
            if "lengthSeconds" in renderer and "title" in renderer:
                return video_line(renderer)
        line = super()._extract_video(renderer)
        with suppress(Exception):
            line["published_text"] = published_text(renderer)
        return line

    @classmethod
    def _extract_continuation(cls, renderer: Any) -> Any:
        """yt-dlp looks for it in every line of a page, at more cost than reading the line."""
        with suppress(Exception):
            renderer = _without_lines(renderer)
        return super()._extract_continuation(renderer)

    def _extract_lockup_view_model(self, view_model: Any) -> Any:
        with suppress(Exception):
            if view_model["contentType"] == "LOCKUP_CONTENT_TYPE_VIDEO":
                return lockup_line(view_model)
        line = super()._extract_lockup_view_model(view_model)
        with suppress(Exception):
            line["video_count"] = videos_in(view_model)
        return line


# What yt-dlp looks for before it asks again.
_A_PLAYLIST: dict[str, Any] = {"metadata": {"playlistMetadataRenderer": {"title": ""}}}


def by_the_way(downloader: Any, ask: Callable[[], Any]) -> Any:
    """What may fail: tried once, without a word, and only throttling is held against the address."""
    warnings = downloader.attempt.warnings
    retries, warned = downloader.params.get("extractor_retries"), len(warnings)
    downloader.params["extractor_retries"] = 0
    try:
        with downloader.attempt.http.purpose("other"):
            return ask()
    except DownloadCancelled:
        raise
    except Exception:
        return None
    finally:
        downloader.params["extractor_retries"] = retries
        del warnings[warned:]


def _without_lines(renderer: dict[str, Any]) -> dict[str, Any]:
    """The renderer with those items alone that may say where the list goes on."""
    return {
        key: [item for item in value if any(name.startswith("continuation") for name in item)]
        if key in ("contents", "items", "rows", "subThreads") and isinstance(value, list)
        else value
        for key, value in renderer.items()
    }


def _playability(responses: Iterable[dict[str, Any]], asked: str = "page") -> Iterator[tuple[str, str, str]]:
    """(client, status, reason); `asked` is the client of responses that do not name theirs."""
    for response in responses:
        status = response.get("playabilityStatus")
        if isinstance(status, dict):
            client = (response.get("streamingData") or {}).get(_CLIENT_KEY) or asked
            yield (str(client), str(status.get("status") or ""), _reason(status))


def _reason(status: dict[str, Any]) -> str:
    """All that is said: the short reason of many causes is the same, and the one below it is not."""
    screen = (status.get("errorScreen") or {}).get("playerErrorMessageRenderer") or {}
    texts = [
        status.get("reason"),
        *(status.get("messages") or []),
        plain_text(screen.get("reason")),
        plain_text(screen.get("subreason")),
    ]
    if "playerCaptchaViewModel" in (status.get("errorScreen") or {}):
        texts.append("YouTube is requiring a captcha challenge")
    return ". ".join(dict.fromkeys(text for text in texts if isinstance(text, str) and text))


def _trim(responses: list[dict[str, Any]]) -> None:
    """Take away what yt-dlp would work on, or make a request for, and we would not use."""
    plain = any(_has_addresses(response.get("streamingData")) for response in responses)
    live = any((response.get("videoDetails") or {}).get("isLive") is True for response in responses)
    for response in responses:
        response.pop("storyboards", None)
        # Machine translations (some 150 a track) are never wanted.
        captions = (response.get("captions") or {}).get("playerCaptionsTracklistRenderer")
        if isinstance(captions, dict):
            captions.pop("translationLanguages", None)
        streaming = response.get("streamingData")
        if isinstance(streaming, dict) and (plain or live):
            # Plain files are there: the manifests would tell of the same formats, for a request each.
            streaming.pop("hlsManifestUrl", None)
            streaming.pop("dashManifestUrl", None)


def _has_addresses(streaming: Any) -> bool:
    if not isinstance(streaming, dict):
        return False
    formats = streaming.get("adaptiveFormats")
    return isinstance(formats, list) and any(
        isinstance(each, dict) and (each.get("url") or each.get("signatureCipher")) for each in formats
    )
