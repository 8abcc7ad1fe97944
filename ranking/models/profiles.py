from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models

from catalog.models.orgs import BYTES
from catalog.tenancy import TenantModel

# The profile that `/v1/admin/recommendation/config` reads and writes.
DEFAULT_PROFILE = "default"


@pghistory.track(append_only=True)
class Profile(TenantModel):
    """A named bundle of knobs of one namespace ("env profile" in full).

    Its content lives in versions that never change; the profile says which of them is
    published, and the namespace obeys the one profile that is in force.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=100, db_collation=BYTES)
    description = models.TextField(blank=True)
    in_force = models.BooleanField(default=False, editable=False)
    # 0 while no version was published.
    published_number = models.PositiveIntegerField(default=0, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    published_by = models.CharField(max_length=150, blank=True, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "name"], name="profile_org_namespace_name"
            ),
            models.UniqueConstraint(
                fields=["org", "namespace"],
                condition=models.Q(in_force=True),
                name="profile_one_in_force",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VersionSource(models.TextChoices):
    """The door through which a version came in."""

    API = "api", "API"
    ADMIN = "admin", "Admin"
    COMMAND = "command", "Command"
    ROLLBACK = "rollback", "Rollback"
    PROPOSAL = "proposal", "Tuning proposal"


@pghistory.track(pghistory.InsertEvent(), append_only=True)
class ProfileVersion(TenantModel):
    """What a profile said from a publication on. A draft is not yet published.

    `config` is the flat object of the configuration API: knobs under their admin names,
    `surfaces`, `segment_profiles` and starter presets. Absent knobs keep their default.
    """

    id = models.BigAutoField(primary_key=True)
    profile = models.ForeignKey(
        Profile, on_delete=models.CASCADE, related_name="versions"
    )
    number = models.PositiveIntegerField()
    config = models.JSONField(default=dict)
    author = models.CharField(max_length=150, blank=True)
    notes = models.TextField(blank=True)
    source = models.CharField(max_length=8, choices=VersionSource)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["org", "namespace", "profile", "number"],
                name="profileversion_org_namespace_profile_number",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
