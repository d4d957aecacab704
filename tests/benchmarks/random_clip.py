"""A CLIP checkpoint with the image tower of ViT-B/32 and random weights: as fast as the real one, and made offline."""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, models
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, PreTrainedTokenizerFast

WORDS = {"[PAD]": 0, "[BOS]": 1, "[EOS]": 2, "[UNK]": 3}
TEXT = {"num_hidden_layers": 1, "vocab_size": len(WORDS), "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
"""Texts are not what is timed: one layer, and next to no vocabulary, save 250 MB."""


def save(folder: Path) -> Path:
    """Write the checkpoint as transformers does; gives `folder` back."""
    torch.manual_seed(0)
    CLIPModel(CLIPConfig(text_config=TEXT)).eval().save_pretrained(folder)
    CLIPImageProcessorPil(size={"shortest_edge": 224}, crop_size={"height": 224, "width": 224}).save_pretrained(folder)
    words = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", eos_token="[EOS]").save_pretrained(folder)
    return folder
