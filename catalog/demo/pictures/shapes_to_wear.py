"""Things that go onto somebody, or along with them."""

from __future__ import annotations

WORN = {
    "watch": (
        '<path d="M39 8h18l2 14H37zM37 50h22l-2 14H39z" fill="$b" stroke="$a" '
        'stroke-width="2"/><circle cx="48" cy="36" r="18" fill="$a"/>'
        '<circle cx="48" cy="36" r="12" fill="#fbfaf7"/><path d="M48 28v8l6 4" '
        'fill="none" stroke="$a" stroke-width="3"/>'
    ),
    "vest": (
        '<path d="M34 12l-4 14 4 8v26h28V34l4-8-4-14h-8l-6 14-6-14z" fill="$a"/>'
        '<path d="M48 26v34" stroke="$b" stroke-width="3"/><path d="M36 44h8M52 '
        '44h8" stroke="$b" stroke-width="4"/>'
    ),
    "shoe": (
        '<path d="M18 24h16c4 8 12 12 26 15 10 2 18 5 18 13H18z" fill="$a"/>'
        '<path d="M16 52h64v5a4 4 0 0 1-4 4H20a4 4 0 0 1-4-4z" fill="$b" '
        'stroke="$a" stroke-width="1.5"/><path d="M36 36l6-5M44 41l6-5M52 44l5-5" '
        'stroke="$b" stroke-width="3"/>'
    ),
    "boot": (
        '<path d="M30 10h22v26c2 6 20 6 24 14v6H30z" fill="$a"/><path d="M28 '
        '55h50v7H28z" fill="$d"/><path d="M43 12v20h9V12z" fill="$b"/>'
    ),
    "sock": (
        '<path d="M38 10h20v28c0 3-2 6-5 8L38 59c-9 7-21-4-12-12l12-10z" '
        'fill="$a"/><path d="M38 10h20v9H38z" fill="$b"/><path d="M25 48c3 8 9 11 '
        '15 9" fill="none" stroke="$b" stroke-width="4"/>'
    ),
    "helmet": (
        '<path d="M18 46c0-38 60-38 60 0z" fill="$a"/><path d="M30 40c2-14 8-20 '
        '12-22M48 40V17M66 40c-2-14-8-20-12-22" fill="none" stroke="$b" '
        'stroke-width="4"/><path d="M30 46l6 14h14" fill="none" stroke="$d" '
        'stroke-width="3"/>'
    ),
    "glove": (
        '<path d="M34 60V34l-8-6c-4-6 2-9 6-6l6 4V14c0-5 7-5 7 0V10c0-5 7-5 7 '
        '0v4c0-5 7-5 7 0v8c0-5 6-4 6 0v38z" fill="$a"/><path d="M34 50h31v10H34z" '
        'fill="$b"/>'
    ),
    "jumper": (
        '<path d="M36 12h24l18 12-6 16-8-4v26H32V36l-8 4-6-16z" fill="$a"/><path '
        'd="M38 12c2 8 18 8 20 0" fill="$b"/><path d="M32 56h32v6H32z" '
        'fill="$b"/><path d="M36 34h24" stroke="$b" stroke-width="4" '
        'stroke-dasharray="4 3"/>'
    ),
    "shirt": (
        '<path d="M36 12l12 6 12-6 18 12-7 14-7-4v28H32V34l-7 4-7-14z" '
        'fill="$a"/><path d="M36 12l12 14 12-14-12 5z" fill="$b"/><path d="M48 '
        '28v32" stroke="$b" stroke-width="2.500" stroke-dasharray="2 5"/>'
    ),
    "coat": (
        '<path d="M38 10h20l16 12-4 30-8-2v12H34V50l-8 2-4-30z" fill="$a"/>'
        '<path d="M48 20v42" stroke="$b" stroke-width="3"/><path d="M38 10l10 '
        '12 10-12" fill="none" stroke="$b" stroke-width="4"/><path d="M37 46h7M52 '
        '46h7" stroke="$b" stroke-width="4"/>'
    ),
    "beanie": (
        '<circle cx="48" cy="13" r="6" fill="$b"/><path d="M26 46c0-38 44-38 44 0z" '
        'fill="$a"/><rect x="22" y="44" width="52" height="15" rx="5" fill="$b" '
        'stroke="$a" stroke-width="2"/><path d="M32 46v11M40 46v11M48 46v11M56 '
        '46v11M64 46v11" stroke="$a" stroke-width="2.500"/>'
    ),
    "scarf": (
        '<path d="M28 18c10 14 30 14 40 0l6 8c-8 14-44 14-52 0z" fill="$a"/><path '
        'd="M52 30h14v26H52z" fill="$a"/><path d="M52 40h14M52 48h14" stroke="$b" '
        'stroke-width="4"/><path d="M54 56v7M59 56v7M64 56v7" stroke="$a" '
        'stroke-width="3"/>'
    ),
    "bag": (
        '<path d="M36 30V22a12 12 0 0 1 24 0v8" fill="none" stroke="$d" '
        'stroke-width="4"/><path d="M24 28h48l4 34H20z" fill="$a"/><path d="M23 '
        '40h50" stroke="$b" stroke-width="5"/>'
    ),
    "backpack": (
        '<path d="M40 14a8 6 0 0 1 16 0" fill="none" stroke="$d" '
        'stroke-width="4"/><path d="M28 62V28a16 16 0 0 1 16-15h8a16 16 0 0 1 16 '
        '15v34z" fill="$a"/><rect x="35" y="40" width="26" height="17" rx="3" '
        'fill="$b"/><path d="M35 31h26" stroke="$b" stroke-width="4"/>'
    ),
    "wallet": (
        '<rect x="20" y="20" width="56" height="36" rx="6" fill="$a"/><path d="M20 '
        '30h56" stroke="$b" stroke-width="4"/><rect x="58" y="36" width="20" '
        'height="12" rx="4" fill="$b"/><circle cx="65" cy="42" r="2.500" '
        'fill="$a"/>'
    ),
}
