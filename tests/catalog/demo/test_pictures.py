from __future__ import annotations

from xml.dom import minidom

import pytest
from django.test import Client

from catalog.demo.pictures import TONES, draw, path_of, tone_of
from catalog.demo.pictures.shapes import SHAPES
from catalog.demo.shelves import CATEGORIES

KINDS = [kind for one in CATEGORIES for shelf in one.shelves for kind in shelf.kinds]


@pytest.mark.parametrize("picture", SHAPES)
def test_a_picture_is_well_formed_and_runs_nothing(picture):
    document = minidom.parseString(draw(picture, category="home", tone="oat"))

    for element in document.getElementsByTagName("*"):
        assert element.tagName in {"svg", "rect", "path", "circle", "ellipse"}
        assert not {"style", "onload", "href"} & set(element.attributes.keys())


def test_every_kind_of_product_has_a_drawing():
    assert {kind.picture for kind in KINDS} <= set(SHAPES)


def test_categories_and_colours_tell_pictures_apart():
    drawn = {
        draw("mug", category=one.name.lower(), tone=tone)
        for one in CATEGORIES
        for tone in TONES
    }

    assert len(drawn) == len(CATEGORIES) * len(TONES)


def test_a_finish_without_a_colour_gets_one_all_the_same():
    assert tone_of("75 g Tin") in TONES
    assert tone_of("75 g Tin") == tone_of("75 g Tin")


def test_the_desk_serves_a_picture_for_ever(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    answer = Client().get(path_of("throw", category="Home", tone="oat"))

    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/svg+xml"
    assert "immutable" in answer["Cache-Control"]


def test_an_unknown_picture_is_a_parcel(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    answer = Client().get("/media/items/unheard-of/nowhere-mauve.svg")

    parcel = draw("parcel", category="nowhere", tone="mauve")
    assert answer.content.decode() == parcel
