"""The closed vocabularies of this package."""

from enum import StrEnum


class AuthorityKind(StrEnum):
    MUNICIPALITY = "municipality"
    INDEPENDENT_CITY = "independent_city"
    DISTRICT = "district"
    REGIONAL_COUNCIL = "regional_council"
    STATE_OFFICE = "state_office"
    MINISTRY = "ministry"
    SERVICE_BODY = "service_body"


class MunicipalityKind(StrEnum):
    INDEPENDENT_CITY = "independent_city"
    SPECIAL_STATUS_CITY = "special_status_city"
    TOWN = "town"
    RURAL_MUNICIPALITY = "rural_municipality"
    UNINCORPORATED_AREA = "unincorporated_area"


class PostcodeKind(StrEnum):
    """``special``: the own postcode of a building or a large recipient."""

    DELIVERY = "delivery"
    SPECIAL = "special"


class Task(StrEnum):
    """What cannot be told from the level alone: the table ``competence`` says it per municipality."""

    HOUSING_BENEFIT = "housing_benefit"
    TAXI = "taxi"
    SOCIAL_BENEFITS = "social_benefits"


class Certainty(StrEnum):
    SOURCE_FOUND = "source_found"
    WELL_KNOWN = "well_known"
    UNCERTAIN = "uncertain"


class Role(StrEnum):
    """What a member of staff may do in the own units; ``policy`` turns roles into permissions."""

    CLERK = "clerk"
    APPROVER = "approver"
    AUTHORITY_ADMINISTRATOR = "authority_administrator"
    IDENTITY_OFFICER = "identity_officer"
