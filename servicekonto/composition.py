"""Where the packages meet: what is registered, in one place each."""

from flask import Blueprint, Flask

from servicekonto.account_log import views as account_log_views
from servicekonto.account_log import websites as account_log_websites
from servicekonto.accounts import cli as accounts_cli
from servicekonto.accounts import current, ending, keeping, passwords, step_up
from servicekonto.accounts import policy as accounts_policy
from servicekonto.accounts import tasks as accounts_tasks  # noqa: F401 - registers its handlers
from servicekonto.accounts import views as accounts_views
from servicekonto.authorities import cli as authorities_cli
from servicekonto.authorities import current as authorities_current
from servicekonto.authorities import identity_views  # noqa: F401 - adds its routes
from servicekonto.authorities import policy as authorities_policy
from servicekonto.authorities import tasks as authorities_tasks  # noqa: F401 - registers its handlers
from servicekonto.authorities import views as authorities_views
from servicekonto.catalogue import cli as catalogue_cli
from servicekonto.catalogue import views as catalogue_views
from servicekonto.core.settings import settings
from servicekonto.data_protection import cli as data_protection_cli
from servicekonto.data_protection import queries as data_protection_queries
from servicekonto.data_protection import tasks as data_protection_tasks  # noqa: F401 - registers its handlers
from servicekonto.data_protection import views as data_protection_views
from servicekonto.data_protection.commands import deletion
from servicekonto.jobs import cli as jobs_cli
from servicekonto.notices import tasks as notices_tasks
from servicekonto.notifications import reactions as notifications_reactions
from servicekonto.notifications import tasks as notifications_tasks  # noqa: F401 - registers its handlers
from servicekonto.notifications import views as notifications_views
from servicekonto.oidc import cli as clients_cli
from servicekonto.oidc import client_views, clients
from servicekonto.oidc import key_tasks as oidc_key_tasks  # noqa: F401 - registers its handler
from servicekonto.oidc import logout as oidc_logout
from servicekonto.oidc import logout_tasks as oidc_logout_tasks  # noqa: F401 - registers its handler
from servicekonto.oidc import server as oidc_server
from servicekonto.oidc import tasks as oidc_tasks  # noqa: F401 - registers its handlers
from servicekonto.oidc import views as oidc_views
from servicekonto.operations import cli as operations_cli
from servicekonto.operations import health
from servicekonto.operations import views as operations_views
from servicekonto.operations.demo import views as demo_views
from servicekonto.operations.metrics import counters
from servicekonto.postbox import queries as postbox_queries
from servicekonto.postbox import views as postbox_views
from servicekonto.proofs import views as proofs_views
from servicekonto.service_requests import panels
from servicekonto.service_requests import tasks as service_requests_tasks
from servicekonto.service_requests import views as service_requests_views
from servicekonto.web import access, i18n, idempotency, information, navigation
from servicekonto.workbench import views as workbench_views
from servicekonto.workbench.administration import views as administration_views

BLUEPRINTS: tuple[Blueprint, ...] = (
    account_log_views.bp,
    accounts_views.bp,
    administration_views.bp,
    authorities_views.bp,
    catalogue_views.bp,
    client_views.bp,
    data_protection_views.bp,
    demo_views.bp,
    health.bp,
    idempotency.bp,
    information.bp,
    notifications_views.bp,
    oidc_views.bp,
    operations_views.bp,
    postbox_views.bp,
    proofs_views.bp,
    service_requests_views.bp,
    workbench_views.bp,
)


def register_packages(app: Flask) -> None:
    """Hooks and reactions that packages above register with packages below."""
    with app.app_context():
        passwords.install(app, concurrency=settings().argon2_concurrency)
    current.install(app)
    oidc_server.install(app)
    oidc_logout.register()
    i18n.ask_account(app, current.chosen_language)
    if authorities_current.scope_of not in current.scope_of:
        current.scope_of.append(authorities_current.scope_of)
    access.install(
        app, accounts_policy.permissions_of, authorities_policy.permissions_of, guard=step_up.guard
    )
    keeping.ask(data_protection_queries.may_keep_personal_data)
    ending.ask(deletion.stop_disowned)
    account_log_websites.ask(clients.names_of)
    service_requests_tasks.register()
    notices_tasks.register()
    notifications_reactions.register()
    counters.register(app)
    catalogue_views.show_on_start_page(app, panels.what_waits)
    catalogue_views.show_on_service_page(app, panels.how_to_begin)
    navigation.count_beside(app, "postbox.index", _unread_messages)


def register_blueprints(app: Flask) -> None:
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


def register_commands(app: Flask) -> None:
    """``flask --app wsgi …``"""
    for module in (
        accounts_cli,
        authorities_cli,
        catalogue_cli,
        clients_cli,
        data_protection_cli,
        jobs_cli,
        operations_cli,
    ):
        module.register(app)


def _unread_messages() -> int:
    account = current.current_account_or_none()
    return postbox_queries.unread_count(account) if account else 0
