from __future__ import annotations

from .shape import Category, shelf

_SPORT = "Slate, Coral, Lime, Navy, Ash, Plum, Sky, Ember"

FITNESS = Category(
    name="Fitness",
    tags=("fitness", "health", "active"),
    brands=("PulseGear", "Stride", "IronWorks", "ZenMotion"),
    rebuys=0.05,
    praise=(
        "Stays where you put it, however hard you push.",
        "Stored in a minute, used every day.",
        "Tested by people who are late for training.",
    ),
    shelves=(
        shelf(
            "Yoga",
            "Yoga Mat/mat/22/90, Bolster/cushion/20/60,"
            "Block Pair/blocks/12/32, Strap/strap/12/22",
            "Natural Rubber, Cork, Travel, Recycled, Cushioned, Jute,Extra Long, Linen",
            _SPORT,
            peak_day=8,
        ),
        shelf(
            "Strength",
            "Kettlebell/kettlebell/25/120, Dumbbell Pair/dumbbell/20/140,"
            "Resistance Bands/strap/12/35, Weighted Vest/vest/45/130",
            "Cast Iron, Neoprene, Adjustable, Competition, Rubber, Urethane, Compact,"
            "Studio",
            "4 kg, 6 kg, 8 kg, 10 kg, 12 kg, 16 kg, 20 kg, 24 kg",
            peak_day=8,
        ),
        shelf(
            "Running",
            "Running Shoes/shoe/60/180, Running Vest/vest/35/110,"
            "Running Belt/strap/14/35, Head Torch/bulb/18/65",
            "Trail, Road, Lightweight, Reflective, Cushioned, Winter,"
            "Race Day, Everyday",
            _SPORT,
            peak_day=100,
        ),
        shelf(
            "Cycling",
            "Bike Helmet/helmet/35/150, Pannier/bag/30/110,"
            "Cycling Gloves/glove/14/45, Bottle/bottle/12/24",
            "Commuter, Gravel, Waterproof, Aero, Merino, Touring, City, Insulated",
            _SPORT,
            peak_day=150,
        ),
        shelf(
            "Recovery",
            "Massage Ball Set/ball/12/30, Foam Roller/roller/18/55,"
            "Heat Pad/cushion/20/60, Magnesium Soak/jar/12/28",
            "Deep Tissue, Grooved, Cork, Vibrating, Travel, Wheat-Filled, Soft, Firm",
            _SPORT,
        ),
    ),
)

_WEAR = "Forest, Navy, Ecru, Rust, Charcoal, Dusk Pink, Mustard, Denim Blue"

FASHION = Category(
    name="Fashion",
    tags=("fashion", "style", "apparel"),
    brands=("AuraThreads", "MidnightLane", "CoutureX", "LoomLab"),
    rebuys=0.03,
    praise=(
        "Cut to be worn, washed and worn again.",
        "The one that you reach for on a dark morning.",
        "Buttons sewn on as if they were meant to stay.",
    ),
    shelves=(
        shelf(
            "Knitwear",
            "Crew Jumper/jumper/45/160, Cardigan/jumper/50/180,"
            "Beanie/beanie/14/40, Scarf/scarf/20/80",
            "Merino, Lambswool, Cotton, Cashmere, Alpaca, Donegal, Cable-Knit, Ribbed",
            _WEAR,
            peak_day=340,
        ),
        shelf(
            "Outerwear",
            "Raincoat/coat/70/220, Chore Jacket/coat/60/190,"
            "Gilet/vest/50/140, Parka/coat/110/240",
            "Waxed, Corduroy, Quilted, Recycled, Wool, Canvas, Packable, Boiled Wool",
            _WEAR,
            peak_day=300,
        ),
        shelf(
            "Shirts",
            "Oxford Shirt/shirt/35/95, T-Shirt/shirt/16/45,"
            "Overshirt/shirt/45/120, Linen Shirt/shirt/40/110",
            "Organic, Washed, Flannel, Relaxed, Slub, Striped, Chambray, Boxy",
            _WEAR,
            peak_day=150,
        ),
        shelf(
            "Bags",
            "Tote/bag/22/95, Backpack/backpack/40/160,"
            "Weekend Bag/bag/60/220, Card Holder/wallet/15/50",
            "Waxed Canvas, Leather, Recycled Nylon, Suede, Quilted, Woven, Felted,"
            "Vegetable-Tanned",
            _WEAR,
        ),
        shelf(
            "Footwear",
            "Chelsea Boots/boot/80/220, Trainers/shoe/50/160,"
            "House Slippers/shoe/22/70, Wool Socks/sock/12/25",
            "Suede, Leather, Felt, Canvas, Waxed, Shearling, Cork-Soled, Knitted",
            _WEAR,
            peak_day=310,
        ),
    ),
)
