"""What people may comes from the groups that the provider tells."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.accounts import NAME_MAX, name_key
from access.openid.faults import OpenIdError, OpenIdFault
from access.openid.groups import admitted
from access.openid.settings import OpenIdSettings, openid_config
from access.roles import Role
from fleet.settings import SettingsError

SETTINGS = OpenIdSettings.model_validate(
    {
        "oidc_issuer": "https://sign-in.example",
        "oidc_client_id": "flaade",
        "oidc_roles": {
            "/fleet/admins": "administrator",
            "/fleet/unit": "fleet_unit",
            "/heads": "department_head",
            "/all": "reader",
        },
        "oidc_departments": {"/dep/park": "Park", "/dep/care": "Hjemmepleje"},
    }
)


def claims(*groups: str, **others: Any) -> dict[str, Any]:
    return {
        "iss": "https://sign-in.example",
        "sub": "7",
        "name": "Afdelingen Nord",
        "groups": list(groups),
        **others,
    }


@pytest.mark.parametrize(
    ("groups", "role", "departments"),
    [
        (["/all"], Role.READER, set()),
        (["/all", "/fleet/admins"], Role.ADMINISTRATOR, set()),
        (["/heads", "/dep/park", "/dep/care"], Role.DEPARTMENT_HEAD, {"Park", "Hjemmepleje"}),
        (["/fleet/unit", "/heads", "/dep/park"], Role.FLEET_UNIT, set()),
        # A head of no department has nothing to see.
        (["/heads", "/all"], Role.READER, set()),
    ],
)
def test_of_several_roles_the_one_counts_that_may_most(groups, role, departments):
    person = admitted(claims(*groups), SETTINGS)
    assert (person.role, person.departments) == (role, departments)


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        (claims(), OpenIdFault.NO_ROLE),
        (claims("/other"), OpenIdFault.NO_ROLE),
        (claims("/heads"), OpenIdFault.NO_ROLE),
        (claims("/dep/park"), OpenIdFault.NO_ROLE),
        (claims() | {"groups": None}, OpenIdFault.NO_GROUPS),
        (claims() | {"groups": {"/all": True}}, OpenIdFault.NO_GROUPS),
        (claims() | {"groups": [["/all"], None]}, OpenIdFault.NO_ROLE),
    ],
)
def test_nobody_comes_in_without_a_group_that_has_a_role(told, fault):
    with pytest.raises(OpenIdError) as refused:
        admitted(told, SETTINGS)
    assert refused.value.fault is fault


def test_people_with_one_name_are_told_apart_by_what_the_provider_knows():
    names = admitted(claims("/all", preferred_username="annha"), SETTINGS).names
    assert names == ("Afdelingen Nord", "Afdelingen Nord (annha)", "Afdelingen Nord (7)")


@given(st.text(), st.text(), st.text(min_size=1, max_size=255))
def test_whatever_the_provider_calls_people_accounts_can_be_called(name, login, subject):
    told = claims("/all", preferred_username=login) | {"name": name, "sub": subject}
    names = admitted(told, SETTINGS).names
    assert names
    for one in names:
        assert name_key(one)
        assert ":" not in name_key(one)
        assert len(one) <= NAME_MAX


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"oidc_client_id": None}, "FLAADE_OIDC_CLIENT_ID"),
        ({"oidc_roles": {}}, "FLAADE_OIDC_ROLES"),
        ({"oidc_departments": {}}, "FLAADE_OIDC_DEPARTMENTS"),
    ],
)
def test_half_a_provider_is_told_at_the_start(changed, named):
    with pytest.raises(SettingsError, match=named):
        openid_config(SETTINGS.model_copy(update=changed), "https://flaade.example/back")


def test_without_an_issuer_there_is_no_provider():
    assert openid_config(OpenIdSettings.model_construct(), "https://flaade.example/back") is None
