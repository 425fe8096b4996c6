"""The shape of ``categories.toml``: what requests are about, in two levels, most frequent first."""

from __future__ import annotations

from typing import Annotated

import msgspec

from telephony.config.kinds import Label, Name


class Subcategory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A second-level category; records keep its ``id``, so that must never change its meaning."""

    id: Name
    name: Label


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A top-level category and its second level."""

    id: Name
    name: Label
    children: Annotated[tuple[Subcategory, ...], msgspec.Meta(min_length=1)]


class CategoriesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``categories.toml`` as a whole."""

    categories: Annotated[tuple[Category, ...], msgspec.Meta(min_length=1)]
