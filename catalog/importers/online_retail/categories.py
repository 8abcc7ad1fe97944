"""A category for each article, from the words of its title.

The rule, first hit wins: a festival named anywhere, because such things are sold by
season; a phrase that means something else than its last word ("cushion cover"); the
head noun, which is the last known word before "with", "for", "in", "on"; the last known
word anywhere; and last a motif ("heart", "bunny"), for those are printed on everything.
A word is known with or without its plural. What nothing is known of is "Other".
"""

from __future__ import annotations

import re

OTHER = "Other"
_SEASONS = {
    "Christmas": "christmas xmas advent santa snowman reindeer noel nativity",
    "Easter": "easter",
}
_NOUNS = {
    "Bags": "bag shopper tote holdall handbag sack satchel backpack rucksack bags",
    "Purses & Travel": "purse wallet passport luggage suitcase washbag sponge-bag cover"
    " keyring key-ring",
    "Candles & T-Lights": "candle candles t-light tlight t-lights candlestick"
    " candleholder incense votive wick pillar candelabra",
    "Lighting": "lamp lampshade lightbulb candlepot light lights lantern chandelier"
    " torch nightlight"
    " candlelamp",
    "Mugs & Teaware": "mug cup saucer teapot beaker cosy teacup cafetiere"
    " infuser egg-cup sugar",
    "Tableware": "plate bowl dish platter jug glass goblet decanter tumbler tray"
    " cutlery spoon fork knife coaster placemat napkin doily doilies tablecloth runner"
    " salt pepper cruet straw jar pot egg",
    "Kitchen": "apron oven pan whisk scale scales colander chopping rack board"
    " grater peeler timer recipe tidy caddy bottle opener utensil spatula",
    "Baking": "cake cakestand cake-stand cakecases cases mould cutter cutters baking"
    " cupcake cornice tier",
    "Lunch & Drinks": "lunch snack flask thermos canteen hamper picnic chopstick",
    "Storage": "box basket drawer tin drawers cabinet cupboard crate bucket bin storage"
    " container organiser chest trinket shelf stand magazine boxes tins",
    "Furniture": "chair stool table bench sideboard screen",
    "Signs & Plaques": "sign plaque slate chalkboard blackboard noticeboard memo",
    "Clocks": "clock alarm hourglass",
    "Frames & Mirrors": "photoframe frame mirror picture art canvas photo poster album",
    "Hooks & Hangers": "hook hanger knob drawerknob peg rail doorknob coat-rack",
    "Doors & Floors": "doormat doorstop doorsign mat rug draught excluder door",
    "Textiles": "cushion towel quilt blanket throw curtain pillow fabric flannel glove"
    " slipper sock scarf pinny poncho rug",
    "Warm & Cosy": "warmer bottle-warmer hotwater hottie",
    "Jewellery": "necklace necklac bracelet ring earrings earring brooch bangle charm"
    " pendant bead beads anklet tiara choker jewel jewellery",
    "Hair & Dress": "hair slide grip comb bobbles hairclip hairslide clip fan"
    " sunglasses mac bib dress sombrero umbrella parasol"
    " raincoat hat tassel lariat",
    "Bath & Beauty": "soap bath toothbrush bathroom shower nail lip tissue tissues"
    " plaster plasters sponge",
    "Stationery": "pen pencil rubber stationery calendar punch notebook journal"
    " sketchbook diary eraser ruler sharpener"
    " stamp paper-clip notepad book calculator stapler letter-opener organizer crayon",
    "Cards & Wrap": "card wrap envelope postcard ribbon tape tag gift-wrap ribbons gift"
    " bow giftwrap cards tags",
    "Stickers & Craft": "sticker stickers patch patches sewing craft knitting felt"
    " button needle cross-stitch scissor magnet magnets embroidery feltcraft wool"
    " kit decoupage",
    "Party": "bunting balloon garland cone streamer invite confetti pinata cocktail"
    " sparkler",
    "Toys & Games": "toy doll game puzzle jigsaw skittle skipping yo-yo marble domino"
    " ludo dice ball playhouse soldier teddy puppet train jack helicopter building"
    "spinning windmill spaceboy rocking bank piggy skittles harmonica"
    " whistle",
    "Garden": "planter watering seed marker trowel kneeling birdhouse bird-table"
    " hammock gnome thermometer wheelbarrow barrow bird-feeder feeder flowerpot"
    " propagator twine barbecue",
    "Flowers & Wreaths": "wreath bouquet vase posy foliage",
    "Hearts & Hangings": "decoration bell mobile windchime chime wicker dec bauble"
    " spiral suncatcher dreamcatcher windsock tree",
    "Letters & Numbers": "letter number tile",
    "Ornaments": "ornament figurine cherub angel statue paperweight p'weight buddha"
    " dovecote",
}
_PHRASES = {
    "cushion cover": "Textiles",
    "lunch bag": "Lunch & Drinks",
    "lunch box": "Lunch & Drinks",
    "snack box": "Lunch & Drinks",
    "drinking straw": "Lunch & Drinks",
    "cake case": "Baking",
    "cake stand": "Baking",
    "cake tin": "Baking",
    "jelly mould": "Baking",
    "baking mould": "Baking",
    "hot water bottle": "Warm & Cosy",
    "oven glove": "Kitchen",
    "card holder": "Purses & Travel",
    "travel card": "Purses & Travel",
    "cover passport": "Purses & Travel",
    "key ring": "Jewellery",
    "ear muff": "Hair & Dress",
    "wall art": "Frames & Mirrors",
    "watering can": "Garden",
    "bird feeder": "Garden",
    "bird table": "Garden",
    "skipping rope": "Toys & Games",
    "wood letters": "Letters & Numbers",
    "block letters": "Letters & Numbers",
    "painted letters": "Letters & Numbers",
    "number tile": "Letters & Numbers",
    "metal sign": "Signs & Plaques",
    "measuring tape": "Stickers & Craft",
    "card kit": "Stickers & Craft",
    "paper chain": "Party",
}
_MOTIFS = {
    "Flowers & Wreaths": "flower rose tulip hydrangea bunch leaf blossom daisy"
    " lavender",
    "Hearts & Hangings": "heart star crystal hanging",
    "Ornaments": "bunny rabbit hen duck dog cat bird butterfly gecko owl elephant"
    " mushroom frog monster",
    "Garden": "garden herb plant",
    "Party": "birthday party",
    "Kitchen": "kitchen jam cooking bread",
    "Mugs & Teaware": "tea coffee",
    "Toys & Games": "spaceboy space girl boy kids childs childrens",
}


def _by_word(lists: dict[str, str]) -> dict[str, str]:
    return {word: name for name, words in lists.items() for word in words.split()}


_SEASON_OF = _by_word(_SEASONS)
_CATEGORY_OF = _by_word(_NOUNS)
_MOTIF_OF = _by_word(_MOTIFS)
_CUT = re.compile(r"\b(?:with|for|in|on|w)\b")
_COUNT = re.compile(
    r"^(?:(?:set|pack|box|bag|roll|pair|strip|bundle)(?:/| of | )\d*\s*)+"
)
_WORD = re.compile(r"[a-z][a-z'-]*")

CATEGORIES = (*_SEASONS, *_NOUNS, OTHER)


def category_of(title: str) -> str:
    """Return the category of an article.

    Examples
    --------
    >>> category_of("White Hanging Heart T-Light Holder")
    'Candles & T-Lights'
    >>> category_of("Cushion Cover Pink Union Jack")
    'Textiles'
    >>> category_of("Christmas Gingham Tree")
    'Christmas'
    """
    text = title.lower()
    for word in _WORD.findall(text):
        if word in _SEASON_OF:
            return _SEASON_OF[word]
    for phrase, category in _PHRASES.items():
        if phrase in text:
            return category
    whole = _COUNT.sub("", text)
    head = _CUT.split(whole)[0]
    return (
        _last_known(head, _CATEGORY_OF)
        or _last_known(text, _CATEGORY_OF)
        or _last_known(head, _MOTIF_OF)
        or _last_known(text, _MOTIF_OF)
        or OTHER
    )


def _last_known(text: str, categories: dict[str, str]) -> str | None:
    for word in reversed(_WORD.findall(text.replace("/", " "))):
        for form in _forms(word):
            if form in categories:
                return categories[form]
    return None


def _forms(word: str) -> tuple[str, ...]:
    """Return a word, without its plural, and the last part of a compound."""
    return (
        word,
        word.removesuffix("s"),
        word.removesuffix("es"),
        word.rpartition("-")[2].removesuffix("s"),
    )
