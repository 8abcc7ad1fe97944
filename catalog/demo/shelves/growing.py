from __future__ import annotations

from .shape import Category, shelf

_SIZE = "30 ml, 50 ml, 75 ml, 100 ml, 200 ml, Travel Set, Refill, Gift Box"

BEAUTY = Category(
    name="Beauty",
    tags=("beauty", "skincare", "wellness"),
    brands=("LuxeGlow", "PureBloom", "RadiantHue", "VelvetSky"),
    rebuys=0.28,
    praise=(
        "Nothing in it that you could not pronounce.",
        "A little goes a long way, and smells of holidays.",
        "Kind to skin that minds everything.",
    ),
    shelves=(
        shelf(
            "Face",
            "Facial Oil/dropper/16/70, Day Cream/jar/18/80,"
            "Cleanser/bottle/12/40, Night Balm/jar/20/75",
            "Rosehip, Calendula, Oat, Squalane, Sea Buckthorn, Chamomile, Green Tea,"
            "Marula",
            _SIZE,
        ),
        shelf(
            "Body",
            "Body Wash/bottle/12/28, Hand Cream/tube/12/26,"
            "Soap Bar/soap/12/18, Body Oil/dropper/18/55",
            "Lavender, Vetiver, Bergamot, Neroli, Rosemary, Sandalwood,Geranium, Cedar",
            _SIZE,
        ),
        shelf(
            "Hair",
            "Shampoo/bottle/12/34, Conditioner/bottle/12/34,"
            "Hair Mask/jar/16/45, Wooden Brush/brush/14/45",
            "Nettle, Argan, Coconut, Mint, Rice Water, Hemp, Birch, Honey",
            _SIZE,
        ),
        shelf(
            "Make-up",
            "Lip Tint/lipstick/12/30, Mascara/lipstick/14/34,"
            "Blush/compact/16/40, Brow Gel/lipstick/14/28",
            "Satin, Sheer, Velvet, Mineral, Dewy, Matte, Longwear, Tinted",
            "Rosewood, Fig, Coral, Clay, Berry, Nude, Plum, Cocoa",
            peak_day=340,
        ),
        shelf(
            "Sun",
            "Sun Cream/tube/14/40, After-Sun Gel/tube/12/28,"
            "Lip Balm/lipstick/12/16, Sun Mist/bottle/14/36",
            "Mineral, Aloe, Everyday, Sport, Sensitive, Coconut, Fragrance-Free, Kids",
            _SIZE,
            peak_day=185,
        ),
    ),
)

_PACK = "75 g Tin, 150 g, 250 g, 500 g, 1 kg, Gift Box, Refill Pouch, Trio"

GOURMET = Category(
    name="Gourmet",
    tags=("food", "gourmet", "kitchen"),
    brands=("SavoryCo", "Epicurean", "HarvestBite", "SpiceTrail"),
    rebuys=0.40,
    praise=(
        "From one farm, one mill and one harvest.",
        "Opens with a pop and rarely sees the next morning.",
        "Better on toast than it has any right to be.",
    ),
    shelves=(
        shelf(
            "Coffee and Tea",
            "Coffee Beans/coffee/12/30, Loose-Leaf Tea/tin/12/28,"
            "Cold Brew Bags/coffee/12/24, Cocoa/tin/12/22",
            "House Roast, Single Origin, Decaf, Breakfast, Smoked, Jasmine, Hazelnut,"
            "Dark",
            _PACK,
        ),
        shelf(
            "Pantry",
            "Olive Oil/oil/14/45, Honey/honey/12/28, Pasta/jar/12/18,"
            "Sea Salt/jar/12/16",
            "Early Harvest, Wildflower, Bronze-Cut, Smoked, Lemon, Truffle, Heather,"
            "Unfiltered",
            _PACK,
        ),
        shelf(
            "Sweet",
            "Chocolate/chocolate/12/24, Shortbread/biscuit/12/20,"
            "Marmalade/honey/12/18, Panettone/cake/18/48",
            "Sea Salt, Dark Orange, Ginger, Pistachio, Salted Caramel, Almond, Cherry,"
            "Rye",
            _PACK,
            peak_day=345,
        ),
        shelf(
            "Savoury",
            "Crackers/biscuit/12/16, Chutney/honey/12/18, Nuts/tin/12/26,"
            "Olives/jar/12/22",
            "Rosemary, Fig, Smoked Almond, Chilli, Walnut, Seeded, Nocellara, Apple",
            _PACK,
            peak_day=340,
        ),
        shelf(
            "Spice",
            "Paprika/tin/12/16, Curry Blend/tin/12/20,"
            "Peppercorns/jar/12/18, Hot Sauce/oil/12/20",
            "Smoked, Madras, Tellicherry, Ancho, Sichuan, Garden, Fermented, Toasted",
            _PACK,
        ),
    ),
)

_FIELD = "Moss, Ochre, Slate, Clay, Sky, Pine, Sunset, Bone"

OUTDOORS = Category(
    name="Outdoors",
    tags=("outdoors", "adventure", "travel"),
    brands=("SummitPeak", "Trailblaze", "Skyline", "TerraQuest"),
    rebuys=0.05,
    praise=(
        "Has been up the hill, and came back dry.",
        "Packs smaller than you remember.",
        "For the day that the forecast was wrong.",
    ),
    shelves=(
        shelf(
            "Camping",
            "Dome Tent/tent/90/240, Sleeping Mat/mat/35/140,"
            "Camp Stove/pot/30/120, Camp Lantern/lantern/18/70",
            "Two-Person, Lightweight, Four-Season, Folding, Self-Inflating, Titanium,"
            "Quick-Pitch, Gas",
            _FIELD,
            peak_day=170,
        ),
        shelf(
            "Packs",
            "Daypack/backpack/35/130, Trekking Pack/backpack/80/240,"
            "Dry Bag/bag/14/45, Duffel/bag/50/160",
            "Ripstop, Roll-Top, Recycled, Canvas, Ultralight, Waterproof, Framed,"
            "Expedition",
            _FIELD,
            peak_day=140,
        ),
        shelf(
            "Garden",
            "Hand Trowel/trowel/12/30, Watering Can/can/18/60,"
            "Planter/planter/16/80, Seed Tin/tin/12/24",
            "Stainless, Copper, Terracotta, Ash-Handled, Galvanised, Heritage, Woven,"
            "Glazed",
            _FIELD,
            peak_day=115,
        ),
        shelf(
            "Drinkware",
            "Flask/bottle/18/50, Camp Mug/mug/12/26,"
            "Water Bottle/bottle/12/35, Hip Flask/wallet/18/45",
            "Insulated, Enamel, Steel, Copper-Lined, Wide-Mouth, Slim, Engraved, Glass",
            _FIELD,
        ),
        shelf(
            "Clothing",
            "Rain Shell/coat/70/230, Walking Socks/sock/12/28,"
            "Fleece/jumper/45/140, Walking Boots/boot/80/230",
            "Three-Layer, Merino, Grid, Leather, Windproof, Recycled,Midweight, Alpine",
            _FIELD,
            peak_day=280,
        ),
    ),
)
