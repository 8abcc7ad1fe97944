from __future__ import annotations

from .shape import Category, shelf

_DEVICE = "Charcoal, Sand, Chalk White, Moss, Slate Blue, Terracotta, Graphite, Copper"

ELECTRONICS = Category(
    name="Electronics",
    tags=("electronics", "gadgets", "smart"),
    brands=("AcmeTech", "Voltify", "Nimbus", "CircuitLab"),
    rebuys=0.02,
    praise=(
        "Set up in minutes and quiet about it.",
        "Made to be repaired, with parts for ten years.",
        "Charges over USB-C, lasts the weekend.",
    ),
    shelves=(
        shelf(
            "Audio",
            "Bookshelf Speaker/speaker/60/220, Over-Ear Headphones/headphones/45/240,"
            "Kitchen Radio/radio/35/140, Earbuds/headphones/30/160",
            "Walnut, Wireless, Oak, Compact, Studio, Felted, Portable, Retro",
            _DEVICE,
        ),
        shelf(
            "Lighting",
            "Desk Lamp/lamp/25/120, Reading Light/lamp/12/45,"
            "Bedside Lamp/lamp/30/140, Smart Bulb Pair/bulb/14/40",
            "Brass, Amber Glass, Folding, Dimmable, Rechargeable, Ribbed Glass,"
            "Linen, Ceramic",
            _DEVICE,
            peak_day=330,
        ),
        shelf(
            "Smart Home",
            "Thermostat/gauge/70/210, Doorbell/gauge/50/180,"
            "Plug Set/plug/18/60, Weather Station/gauge/40/150",
            "Learning, Slim, Solar, Battery, Wi-Fi, Quiet, Compact, Touch",
            _DEVICE,
            peak_day=300,
        ),
        shelf(
            "Wearables",
            "Sports Watch/watch/60/240, Sleep Band/watch/30/110,"
            "Pocket Camera/camera/80/240, Trail Watch/watch/90/240",
            "Titanium, Solar, Lightweight, Everyday, Classic, Slim, Rugged, Hybrid",
            _DEVICE,
            peak_day=350,
        ),
        shelf(
            "Desk",
            "Keyboard/keyboard/40/170, Monitor Stand/stand/25/90,"
            "Charging Tray/plug/20/80, Laptop Sleeve/bag/18/65",
            "Aluminium, Bamboo, Low-Profile, Wool Felt, Cork, Mechanical, Oak, Leather",
            _DEVICE,
            peak_day=250,
        ),
    ),
)

_BINDING = (
    "Paperback, Hardback, Illustrated Edition, Large Print, Clothbound,"
    "Pocket Edition, Signed Copy, Gift Edition"
)

BOOKS = Category(
    name="Books",
    tags=("books", "reading", "literature"),
    brands=("LeafPress", "Quanta", "PioneerWords", "AtlasReads"),
    rebuys=0.0,
    praise=(
        "A book to be lent and never given back.",
        "Read it slowly; it rewards a second cup of tea.",
        "The one that the whole reading circle agreed on.",
    ),
    shelves=(
        shelf(
            "Fiction",
            "Harbour/book/12/28, Orchard/book/12/28,"
            "Cartographer/book/12/30, Lighthouse/book/12/26",
            "The Quiet, The Last, A Winter, The Paper, The Salt, Beyond the,"
            "The Hollow, Letters from the",
            _BINDING,
        ),
        shelf(
            "Cookery",
            "Kitchen/book/16/45, Table/book/16/45, Pantry/book/14/40,"
            "Bakehouse/book/16/42",
            "The Green, A Sunday, The Slow, The Small, One Pot, The Village,"
            "The Seasonal, A Smoky",
            _BINDING,
            peak_day=340,
        ),
        shelf(
            "Nature",
            "Hedgerow/book/13/38, Estuary/book/13/36,"
            "Night Sky/book/15/45, Woodland/book/13/40",
            "Field Notes: the, Walking the, The Secret, A Year in the, The Wild,"
            "Sketching the, The Living, Beneath the",
            _BINDING,
            peak_day=120,
        ),
        shelf(
            "Children",
            "Bear/book/12/20, Fox/book/12/20, Dragon/book/12/22, Owl/book/12/20",
            "The Sleepy, The Brave, Goodnight, The Inky, The Tiny, Hello, The Snow,"
            "The Tea-Time",
            _BINDING,
            peak_day=345,
        ),
        shelf(
            "Ideas",
            "Economy/book/14/36, Attention/book/14/34,"
            "Machine/book/15/40, City/book/14/38",
            "The Patient, The Borrowed, Rethinking the, The Invisible, After the,"
            "The Generous, Notes on the, The Curious",
            _BINDING,
        ),
    ),
)

_TONE = "Oat Stripe, Slate, Forest, Ochre, Chalk, Plum, Indigo, Rust"

HOME = Category(
    name="Home",
    tags=("home", "decor", "living"),
    brands=("CozyNest", "HavenCraft", "UrbanDwelling", "BrightLiving"),
    rebuys=0.06,
    praise=(
        "Made in small runs by people who sign their work.",
        "Looks better every year that you use it.",
        "Quietly makes the room.",
    ),
    shelves=(
        shelf(
            "Textiles",
            "Throw/throw/35/140, Cushion/cushion/18/60,"
            "Bath Towel Set/throw/24/80, Bedspread/throw/60/220",
            "Lambswool, Linen, Waffle Cotton, Mohair, Velvet, Brushed Cotton, Hemp,"
            "Quilted",
            _TONE,
            peak_day=320,
        ),
        shelf(
            "Tableware",
            "Mug/mug/12/24, Serving Bowl/bowl/18/60,"
            "Dinner Plate/plate/12/30, Jug/jug/18/55",
            "Ribbed Stoneware, Speckled, Enamel, Porcelain, Terracotta, Hand-Thrown,"
            "Glazed, Recycled Glass",
            _TONE,
        ),
        shelf(
            "Candles and Scent",
            "Candle/candle/12/40, Reed Diffuser/diffuser/18/48,"
            "Taper Candles/tapers/12/26, Room Mist/bottle/12/28",
            "Fig and Cedar, Beeswax, Winter Orchard, Sea Salt, Black Tea, Tomato Leaf,"
            "Orange Blossom, Wood Smoke",
            "Single Wick, 3 Wicks, Set of 6, Refill, Travel Size, Large,Gift Box, Tall",
            peak_day=345,
        ),
        shelf(
            "Decor",
            "Lantern/lantern/18/70, Vase/vase/16/80, Wreath/wreath/22/60,"
            "Picture Frame/frame/12/55",
            "Frosted Glass, Eucalyptus, Blown Glass, Brass, Rattan,"
            "Birch, Smoked Glass,"
            "Woven",
            _TONE,
            peak_day=335,
        ),
        shelf(
            "Kitchen",
            "Serving Board/board/20/65, Storage Jar/jar/12/35,"
            "Casserole/pot/60/220, Tea Towel Pair/throw/12/26",
            "Acacia, Cast Iron, Olive Wood, Cork-Lidded, Enamelled, Slate, Beech,"
            "Striped",
            _TONE,
        ),
    ),
)
