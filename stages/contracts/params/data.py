"""`data`: which images, what their folders mean, and which frames of videos are images."""

from typing import Literal

from pydantic import Field

from stages.contracts.params.base import Section


class Params(Section):
    source: str = "data/demo"
    labels: Literal["folders", "none"] = "folders"
    max_pixels: int = Field(default=200_000_000, ge=1_000_000)
    videos: Literal["seconds", "frames", "scenes", "none"] = "seconds"
    """which frames of a video become images"""
    video_every: float = Field(default=1.0, gt=0)
    """seconds, or frames, from one to the next"""
    video_cut: float = Field(default=27.0, gt=0, le=255)
    """mean change of hue, saturation and value that begins a scene; PySceneDetect's default"""
    video_collapse: bool = False
    """pass by frames that show the same as the one taken before"""
    animations: Literal["first", "frames"] = "first"
    """an animated GIF is its first frame, or a video"""
