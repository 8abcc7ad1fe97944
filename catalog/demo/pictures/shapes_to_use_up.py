"""Things that are eaten, drunk, or rubbed in."""

from __future__ import annotations

USED_UP = {
    "bottle": (
        '<rect x="41" y="8" width="14" height="10" rx="2" fill="$d"/><path d="M40 '
        '20h16c0 6 6 8 6 15v23a4 4 0 0 1-4 4H38a4 4 0 0 1-4-4V35c0-7 6-9 6-15z" '
        'fill="$a"/><rect x="34" y="38" width="28" height="14" fill="$b"/>'
    ),
    "jar": (
        '<rect x="32" y="12" width="32" height="9" rx="3" fill="$d"/><path d="M30 '
        '23h36a4 4 0 0 1 4 4v31a4 4 0 0 1-4 4H30a4 4 0 0 1-4-4V27a4 4 0 0 1 4-4z" '
        'fill="$a"/><rect x="26" y="34" width="44" height="17" fill="$b"/>'
    ),
    "dropper": (
        '<path d="M43 6h10v10H43z" fill="$d"/><rect x="39" y="16" width="18" '
        'height="9" rx="2" fill="$b" stroke="$d" stroke-width="1.500"/><path d="M36 '
        '26h24a4 4 0 0 1 4 4v28a4 4 0 0 1-4 4H36a4 4 0 0 1-4-4V30a4 4 0 0 1 4-4z" '
        'fill="$a"/><path d="M48 34c8 10 6 17 0 17s-8-7 0-17z" fill="$b"/>'
    ),
    "tube": (
        '<path d="M32 10h32l-5 40H37z" fill="$a"/><path d="M31 10h34v7H31z" '
        'fill="$b"/><rect x="38" y="50" width="20" height="12" rx="2" fill="$d"/>'
        '<path d="M40 28h16M41 35h14" stroke="$b" stroke-width="4"/>'
    ),
    "soap": (
        '<rect x="20" y="30" width="56" height="26" rx="12" fill="$a"/>'
        '<rect x="31" y="37" width="34" height="12" rx="6" fill="$b"/>'
        '<circle cx="64" cy="19" r="6" fill="$b"/><circle cx="76" cy="24" r="3.500" '
        'fill="$b"/><circle cx="53" cy="23" r="3" fill="$b"/>'
    ),
    "brush": (
        '<rect x="18" y="18" width="36" height="22" rx="11" fill="$a"/>'
        '<path d="M52 26h26a4 4 0 0 1 0 7H52z" fill="$a"/><path d="M24 40v14M30 '
        '40v16M36 40v16M42 40v16M48 40v14" stroke="$d" stroke-width="3"/>'
        '<rect x="24" y="25" width="24" height="6" rx="3" fill="$b"/>'
    ),
    "lipstick": (
        '<path d="M41 30V16l14-8v22z" fill="$a"/><rect x="39" y="30" width="18" '
        'height="10" fill="$b" stroke="$d" stroke-width="1.500"/>'
        '<rect x="36" y="40" width="24" height="22" rx="2" fill="$d"/>'
    ),
    "compact": (
        '<circle cx="48" cy="26" r="17" fill="$b" stroke="$a" stroke-width="4"/>'
        '<path d="M28 46h40a20 12 0 0 1-40 0z" fill="$a"/><rect x="26" y="42" '
        'width="44" height="7" rx="3" fill="$d"/>'
    ),
    "coffee": (
        '<path d="M30 12h36l3 50H27z" fill="$a"/><path d="M30 12h36l1 9H29z" '
        'fill="$d"/><ellipse cx="48" cy="41" rx="9" ry="12" fill="$b"/><path d="M50 '
        '30c-6 8 2 14-3 22" fill="none" stroke="$a" stroke-width="3"/>'
    ),
    "tin": (
        '<ellipse cx="48" cy="18" rx="22" ry="7" fill="$b"/><path d="M26 18v36a22 8 '
        '0 0 0 44 0V18a22 7 0 0 1-44 0z" fill="$a"/><path d="M26 34a22 8 0 0 0 44 '
        '0v11a22 8 0 0 1-44 0z" fill="$b"/>'
    ),
    "oil": (
        '<rect x="43" y="6" width="10" height="8" rx="2" fill="$d"/><path d="M43 '
        "15h10v12c7 3 9 8 9 14v17a4 4 0 0 1-4 4H38a4 4 0 0 1-4-4V41c0-6 2-11 "
        '9-14z" fill="$a"/><path d="M48 36c8 9 6 16 0 16s-8-7 0-16z" fill="$b"/>'
    ),
    "honey": (
        '<rect x="32" y="10" width="32" height="9" rx="3" fill="$d"/><path d="M32 '
        '20h32c8 8 8 34 0 42H32c-8-8-8-34 0-42z" fill="$a"/><path d="M48 30l10 '
        '6v11l-10 6-10-6V36z" fill="$b"/>'
    ),
    "chocolate": (
        '<rect x="26" y="10" width="44" height="52" rx="4" fill="$a"/><path d="M26 '
        '36h44v26H26z" fill="$b"/><path d="M40 11v25M56 11v25M27 24h42" '
        'stroke="$b" stroke-width="2.500"/>'
    ),
    "biscuit": (
        '<circle cx="40" cy="32" r="20" fill="$a"/><circle cx="60" cy="46" r="15" '
        'fill="$b" stroke="$a" stroke-width="3"/><circle cx="34" cy="26" r="3" '
        'fill="$b"/><circle cx="44" cy="24" r="3" fill="$b"/><circle cx="36" '
        'cy="38" r="3" fill="$b"/><circle cx="58" cy="44" r="2.500" fill="$a"/>'
        '<circle cx="65" cy="49" r="2.500" fill="$a"/>'
    ),
    "cake": (
        '<path d="M26 30c0-22 44-22 44 0z" fill="$b"/><path d="M28 30h40l-4 '
        '32H32z" fill="$a"/><path d="M38 32l2 28M48 32v28M58 32l-2 28" stroke="$b" '
        'stroke-width="3"/><circle cx="40" cy="22" r="2.500" fill="$d"/><circle '
        'cx="54" cy="20" r="2.500" fill="$d"/>'
    ),
}
