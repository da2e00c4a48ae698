"""How the owner signs in: the list of factors, and one page for each of them."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from servicekonto.accounts import (
    current,
    factors,
    passkeys,
    recovery,
    recovery_codes,
    step_up,
    throttle,
    totp,
)
from servicekonto.accounts.factor_models import (
    FactorKind,
    Passkey,
    PasswordCredential,
    RecoveryCodes,
    TotpCredential,
)
from servicekonto.accounts.factors import Factor
from servicekonto.accounts.forms import CodeForm, FactorNameForm
from servicekonto.accounts.step_up import recently_confirmed
from servicekonto.accounts.views.blueprint import bp, refuse
from servicekonto.core import clock
from servicekonto.core.errors import ConflictError, NotFoundError
from servicekonto.web.access import Permission, requires

PATHS: dict[str, FactorKind] = {
    "passwort": FactorKind.PASSWORD,
    "app": FactorKind.TOTP,
    "passkey": FactorKind.PASSKEY,
    "notfallcodes": FactorKind.RECOVERY_CODES,
}


@bp.get("/konto/sicherheit")
@requires(Permission.OWN_ACCOUNT)
def security() -> ResponseReturnValue:
    owner = current.current_account()
    lists = {str(kind): factors.factors_of(owner, kind) for kind in FactorKind}
    return render_template(
        "accounts/security.html",
        factors=lists,
        has_second=any(factor.confirmed_at for kind in ("totp", "passkey") for factor in lists[kind]),  # type: ignore[union-attr]
        codes_left=recovery_codes.left,
        reset=recovery.reset_of(owner),
        needs_a_reset=step_up.needs_a_reset(),
        passkeys_are_possible=passkeys.are_possible(),
    )


@bp.post("/konto/sicherheit/app")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def add_totp() -> ResponseReturnValue:
    refusal = step_up.lead_to_adding(TotpCredential)
    if refusal is not None:
        return refusal
    added = totp.begin(
        current.current_account(),
        gettext("App"),
        level=step_up.level_for_factors(),
        at=clock.now(),
    )
    return _to_page("app", added)


@bp.post("/konto/sicherheit/notfallcodes")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def make_recovery_codes() -> ResponseReturnValue:
    refusal = step_up.lead_to_adding(RecoveryCodes)
    if refusal is not None:
        return refusal
    made = recovery_codes.make(
        current.current_account(),
        gettext("Notfallcodes"),
        level=step_up.level_for_factors(),
        at=clock.now(),
    )
    return _to_page("notfallcodes", made)


@bp.get("/konto/sicherheit/<kind>/<uuid:factor_id>")
@requires(Permission.OWN_ACCOUNT)
def factor(kind: str, factor_id: UUID) -> ResponseReturnValue:
    return _page(kind, _own(kind, factor_id), CodeForm())


@bp.post("/konto/sicherheit/<kind>/<uuid:factor_id>")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def use_factor(kind: str, factor_id: UUID) -> ResponseReturnValue:
    """For the first time, and it counts; or after it was locked, and it is open again.

    TR-03160-1 § 4.4 wants the factor itself and its level: it, and the proof of the last ten minutes, are two
    in one step. Asking for the level before would close it for ever to whoever has no other.
    """
    used, owner, at = _own(kind, factor_id), current.current_account(), clock.now()
    form = CodeForm(request.form)
    if isinstance(used, PasswordCredential):
        raise ConflictError("a locked password is replaced by a new one")
    if used.confirmed_at is None and (refusal := step_up.lead_to_adding(type(used))) is not None:
        return refusal
    if isinstance(used, Passkey) or form.validate():
        if _works(used, form.code.data or ""):
            factors.confirm(used, owner, at=at)
            factors.unlock(used, owner, at=at)
            flash(gettext("Das hat geklappt. Ab jetzt können Sie sich damit anmelden."), "success")
            return redirect(current.wanted_page(url_for(".security")), code=303)
        refuse(form.code, gettext("Das hat nicht geklappt. Versuchen Sie es noch einmal."))
    return _page(kind, used, form), 422


@bp.post("/konto/sicherheit/<kind>/<uuid:factor_id>/name")
@requires(Permission.OWN_ACCOUNT)
def rename_factor(kind: str, factor_id: UUID) -> ResponseReturnValue:
    found, form = _own(kind, factor_id), FactorNameForm(request.form)
    if isinstance(found, PasswordCredential):
        raise NotFoundError(factor_id)
    if not form.validate():
        return _page(kind, found, CodeForm(), form), 422
    factors.rename(found, form.name.data or "")
    return redirect(url_for(".security"), code=303)


@bp.post("/konto/sicherheit/<kind>/<uuid:factor_id>/sperren")
@requires(Permission.OWN_ACCOUNT)
def lock_factor(kind: str, factor_id: UUID) -> ResponseReturnValue:
    """Without holding it, and without proving anything again: it is lost or stolen."""
    factors.lock(_own(kind, factor_id), current.current_account(), at=clock.now())
    flash(gettext("Gesperrt. Damit kann sich niemand mehr anmelden."), "success")
    return redirect(url_for(".security"), code=303)


@bp.post("/konto/sicherheit/<kind>/<uuid:factor_id>/entfernen")
@requires(Permission.OWN_ACCOUNT)
@recently_confirmed
def remove_factor(kind: str, factor_id: UUID) -> ResponseReturnValue:
    found = _own(kind, factor_id)
    if isinstance(found, PasswordCredential):
        raise NotFoundError(factor_id)
    refusal = step_up.lead_to_removing(found)
    if refusal is not None:
        return refusal
    factors.remove(found, current.current_account(), level=step_up.level_for_factors(), at=clock.now())
    flash(gettext("Entfernt. Damit kann sich niemand mehr anmelden."), "success")
    return redirect(url_for(".security"), code=303)


def path_of(factor: Factor) -> str:
    """Its word in addresses."""
    kind = factors.kind_of(factor)
    return next(path for path, found in PATHS.items() if found is kind)


def _own(path: str, factor_id: UUID) -> Factor:
    if path not in PATHS:
        raise NotFoundError(path)
    for_update = request.method == "POST"
    return factors.get(current.current_account(), PATHS[path], factor_id, for_update=for_update)


def _works(used: factors.SecondFactor, code: str) -> bool:
    at = clock.now()
    if isinstance(used, TotpCredential):
        is_secret = used.confirmed_at is not None  # a new one is shown on the page
        if is_secret and throttle.is_too_much(throttle.code_attempt(used.account_id), at=at):
            return False
        return totp.is_right(used, code, at=at)
    if isinstance(used, RecoveryCodes):
        return recovery_codes.confirm(used, current.current_account(), code, at=at)
    found = passkeys.use(request.form.get("assertion", ""), at=at, also_unconfirmed=True)
    return found is not None and found.passkey.id == used.id


def _page(path: str, shown: Factor, form: CodeForm, name_form: FactorNameForm | None = None) -> str:
    owner = current.current_account()
    is_new = isinstance(shown, TotpCredential) and shown.confirmed_at is None
    return render_template(
        f"accounts/factor_{PATHS[path]}.html",
        factor=shown,
        path=path,
        form=form,
        name_form=name_form or FactorNameForm(name=getattr(shown, "name", "")),
        qr_code=totp.qr_code(shown, owner) if is_new and isinstance(shown, TotpCredential) else None,
        secret=totp.secret_text(shown) if is_new and isinstance(shown, TotpCredential) else None,
        shown_code=recovery_codes.shown,
        codes_left=recovery_codes.left,
    )


def _to_page(path: str, added: factors.SecondFactor) -> ResponseReturnValue:
    return redirect(url_for(".factor", kind=path, factor_id=added.id), code=303)
