"""The UCI "Online Retail" set, or any export with its eight columns.

Decisions, each counted in the report:

- A line is a purchase (type 3) of value 1; how many and at what price stands in `meta`.
- Cancellations (invoice `C...`) are no purchases, and neither is what has no customer,
  no price or no quantity. A line is rejected for the first of its faults.
- Postage, fees and adjustments are no products. `keep_fees` keeps them, and with it
  the clean count that is usually quoted for this set.
- A line that repeats another of its invoice to the letter is kept, for a till writes
  the same article twice; it is counted.
- An article's title is its most frequent description on lines with a price, its price
  the latest one, its category what `categories` finds in the title.
"""

from .plan import make_plan

__all__ = ["make_plan"]
