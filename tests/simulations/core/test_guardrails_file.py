"""guardrails.yml is read strictly."""

from __future__ import annotations

import pytest
from django.conf import settings

from simulations.core.guardrails import GuardrailsError
from simulations.core.limits import Limit
from simulations.queries.guardrails_file import guardrails_in

CUSTOMERS = """
defaults:
  quality: {min_catalog_coverage: 0.6, min_long_tail_share: 0.2}
  scenarios: {s7_min_avg_categories: 4.5}
customers:
  retail:
    namespace: shop
    profile: beta-retail
    quality:
      min_catalog_coverage: {warn: 0.7, stop: 0.65}
    namespaces:
      outlet:
        quality: {min_catalog_coverage: 0.3}
"""


def faults(text: str) -> list[str]:
    with pytest.raises(GuardrailsError) as error:
        guardrails_in(text, path="g.yml")
    return str(error.value).splitlines()


def quality(line: str) -> str:
    return f"defaults:\n  quality:\n    {line}\n"


class TestReading:
    def test_takes_the_file_of_this_repository(self) -> None:
        text = settings.GUARDRAILS_FILE.read_text()

        limits = guardrails_in(text, path="guardrails.yml").of("demo")

        assert limits["min_catalog_coverage"].stop == 0.6
        assert limits["s7_min_avg_categories"].stop == 4

    def test_of_an_empty_file_sets_no_limits(self) -> None:
        assert guardrails_in("# nothing yet\n", path="g.yml").of("shop") == {}
        assert guardrails_in("defaults:\n", path="g.yml").of("shop") == {}

    def test_resolves_defaults_customer_and_namespace(self) -> None:
        file = guardrails_in(CUSTOMERS, path="g.yml")

        coverage = {
            name: file.of(name)["min_catalog_coverage"].stop
            for name in ("shop", "outlet", "elsewhere")
        }

        assert coverage == {"shop": 0.65, "outlet": 0.3, "elsewhere": 0.6}
        assert file.of("outlet")["min_long_tail_share"].stop == 0.2
        assert file.of("shop")["min_catalog_coverage"] == Limit(
            warn=0.7, stop=0.65, source="customers.retail, line 10"
        )
        assert file.of("shop", customer="ci")["min_catalog_coverage"].stop == 0.6
        assert file.customers["retail"].profile == "beta-retail"

    def test_takes_json(self) -> None:
        text = '{"defaults": {"quality": {"max_constraint_leaks": 0}}}'

        assert guardrails_in(text, path="g.json").of("x")["max_constraint_leaks"]


class TestRefusing:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            (quality("min_catlog_coverage: 0.6"), "Did you mean min_catalog_coverage?"),
            (quality("max_p95_ms: 20"), "It belongs under latency."),
            ("default: {}\n", "Did you mean defaults?"),
            (quality("min_catalog_coverage: high"), "must be a number, not 'high'"),
            (quality("min_catalog_coverage: true"), "must be a number, not True"),
            (quality("min_catalog_coverage:"), "must be a number, not nothing"),
            (quality("min_catalog_coverage: 60"), "from 0 to 1, not 60"),
            (quality("min_catalog_coverage: .nan"), "from 0 to 1, not nan"),
            (quality("max_constraint_leaks: -1"), "from 0 up, not -1"),
            (quality("min_catalog_coverage: {}"), "sets neither warn nor stop"),
            (quality("min_catalog_coverage: {stp: 1}"), "Did you mean stop?"),
            (
                quality("min_catalog_coverage: {warn: 0.5, stop: 0.6}"),
                "warn must not lie beyond stop",
            ),
            (
                quality("max_empty_share: {warn: 0.5, stop: 0.1}"),
                "warn must not lie beyond stop",
            ),
            ("defaults: [1]\n", "defaults must hold keys, not [1]"),
            ("- defaults\n", "the file must hold keys"),
            ("customers: {tea: {quality: {}}}\n", "must name its namespace"),
            ("customers: {tea: {namespace: 3}}\n", "must be a name, not 3"),
            (
                "customers: {a: {namespace: x}, b: {namespace: x}}\n",
                "both set limits for namespace “x”",
            ),
        ],
    )
    def test_says_what_is_wrong(self, text: str, told: str) -> None:
        assert any(told in fault for fault in faults(text))

    def test_says_where_and_tells_every_fault(self) -> None:
        text = quality("min_catlog_coverage: 1") + "  latencies: {}\n"

        assert [fault.split(" ")[0] for fault in faults(text)] == [
            "g.yml:3:",
            "g.yml:4:",
        ]

    def test_of_what_is_no_yaml_names_the_line(self) -> None:
        [fault] = faults("defaults:\n  quality: {\n")

        assert fault.startswith("g.yml:3: This is no YAML")

    def test_of_a_key_that_stands_twice(self) -> None:
        [fault] = faults("defaults: {}\ndefaults: {}\n")

        assert fault == "g.yml:2: “defaults” stands here twice."
