from __future__ import annotations

import pghistory
from django.db import models

from catalog.models.runs import new_id
from catalog.tenancy import TenantModel
from ranking.models import ProfileVersion

from .sweeps import Sweep, Trial


class ProposalState(models.TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    PUBLISHED = "published", "Published"
    ROLLED_BACK = "rolled_back", "Rolled back"


@pghistory.track(append_only=True)
class Proposal(TenantModel):
    """A trial's values as a version of a profile, with what speaks for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sweep = models.ForeignKey(Sweep, on_delete=models.CASCADE, related_name="proposals")
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="proposals")
    version = models.ForeignKey(
        ProfileVersion, on_delete=models.CASCADE, related_name="proposals"
    )
    state = models.CharField(
        max_length=11,
        choices=ProposalState,
        default=ProposalState.DRAFT,
        db_index=False,
    )
    # Figures on the period that no trial saw, against the profile as it was.
    evidence = models.JSONField(default=dict)
    verdict = models.CharField(max_length=12)
    confidence = models.CharField(max_length=8)
    note = models.TextField(blank=True)
    requested_by = models.CharField(max_length=150, blank=True)
    # Such as "staff:7": four eyes are two of these.
    proposer = models.CharField(max_length=100, blank=True)
    approved_by = models.CharField(max_length=150, blank=True)
    published_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["org", "namespace", "-created_at"], name="proposal_list_order"
            ),
        ]

    def __str__(self) -> str:
        return f"proposal of {self.created_at:%Y-%m-%d %H:%M}"
