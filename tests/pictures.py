"""Pictures for tests, made from a seed: busy ones with corners and textures, flat ones, and copies of them."""

from __future__ import annotations

import cv2
import numpy as np


def busy(seed: int, width: int = 320, height: int = 240) -> np.ndarray:
    """A grey picture (h, w) uint8 full of shapes on a soft background, as a photograph has."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(60, 200, (6, 8)).astype(np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(60):
        place = (int(rng.integers(width)), int(rng.integers(height)))
        size = (int(rng.integers(2, 3 + width // 8)), int(rng.integers(2, 3 + height // 8)))
        grey, angle = int(rng.integers(256)), float(rng.integers(180))
        if rng.random() < 0.5:
            cv2.ellipse(picture, place, size, angle, 0, 360, grey, -1, cv2.LINE_AA)
        else:
            corners = cv2.boxPoints((place, size, angle)).astype(np.int32)
            cv2.fillPoly(picture, [corners], grey, cv2.LINE_AA)
    return cv2.GaussianBlur(picture, (0, 0), 0.8)


def noisy(picture: np.ndarray, sigma: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def resized(picture: np.ndarray, factor: float) -> np.ndarray:
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def recoded(picture: np.ndarray, quality: int) -> np.ndarray:
    """Through JPEG and back."""
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0)


def cropped(picture: np.ndarray, share: float) -> np.ndarray:
    """Without `share` of each side, off the centre."""
    height, width = picture.shape
    top, left = int(height * share * 0.7), int(width * share * 0.3)
    return picture[top : top + round(height * (1 - share)), left : left + round(width * (1 - share))].copy()


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_CONSTANT)


def captioned(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape
    copy = picture.copy()
    cv2.putText(copy, "SALE 50%", (width // 10, height - height // 10), cv2.FONT_HERSHEY_SIMPLEX, width / 250, 255, 3)
    return copy
