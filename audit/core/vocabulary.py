"""Words that most traces repeat, so that a small trace need not spell them out.

zstd refers back to this text as if it had stood before every trace: the most frequent
words come last. A vocabulary is never changed, only followed by one of a new number,
because stored traces can be read with their own alone.
"""

from __future__ import annotations

_KNOBS = """
popularity_half_life_days covis_window_days purchased_window_days popularity_fanout
covisitation_fanout factor_fanout content_fanout session_fanout repeat_fanout
exploration_share profile_window_days profile_boost profile_top_n
profile_min_events_for_boost profile_cold_start_multiplier
profile_starter_blend_weight profile_starter_decay_events
brand_cap category_cap caps_strict mmr_lambda mmr_order rule_exclude_events
exclude_event_types blend_alpha blend_beta blend_gamma blend.pop blend.cooc blend.als
half_life_days co_vis_window_days normalisation max rank min_max repeat_mode
new_user_pop_fanout new_user_blend_alpha new_user_mmr_lambda similarity_mode
weighted_sum
"""
_LAYERS = """
default environment profile surface segment segment_profile new_user experiment
override blend
"""
_REASONS = """
recent_popularity collaborative content_similarity session_sequence co_visitation
embedding_similarity diversity personalization repeat exploration starter_profile
not_listed unavailable out_of_stock excluded already_bought include_tags missing_tags
price_below_min price_above_max price_missing stale_item brand_cap category_cap
incompatible rule.block rule.filter
"""
_SOURCES = """
source.popularity source.category_popularity source.covisitation source.factors
source.content source.session source.repeat source.exploration source.segment
signal.novelty signal.margin signal.long_tail signal.popularity signal.similarity
part.popularity part.covisitation part.similarity part.personalisation part.overlap
part.multiplier mmr.pick_index mmr.relevance mmr.max_sim mmr.penalty cap.brand
cap.category
"""
_POLICY = """
total_candidates explicit_exclude_hits recent_event_exclude_hits after_exclusions
constraint_filtered_count after_constraint_filters rule_block_count rule_boost_count
rule_pin_count rule_boost_injected after_rules rule_block_exposure rule_boost_exposure
rule_pin_exposure constraint_leak_count caps_relaxed final_count
"""
_STAGES = """
history gather candidates eligibility score personalise rules pins diversify place
respond merged post_exclusion popularity collaborative content session covisitation
"""
_REQUEST = """
user_id namespace surface home pdp cart email constraints include_tags_any
exclude_item_ids price_between created_after overrides context include_reasons
explain_level tags numeric full dry_run item_id items
"""
_FIELDS = """
manual_overrides starter_profile_weight recent_event_count anchors segment_id profile_id
propensities bandit rung_reason event_id number type value ts_us user_number known
history traits
numpy cpu blas_threads x86_64 namespace request clock wall data seed machine ids
reasons columns score <i8 <i4 <i2 |u1 <f8 candidates rank slot blended personalised
final drops knobs layers policy candidate_sources stages extras default
"""


def _joined(*groups: str) -> bytes:
    return " ".join(word for group in groups for word in group.split()).encode()


VOCABULARIES = {
    1: _joined(
        _KNOBS, _LAYERS, _REASONS, _SOURCES, _REQUEST, _STAGES, _POLICY, _FIELDS
    ),
}
