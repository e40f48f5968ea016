"""Accounts, sign-in, tokens and persons: the use cases, with the session first.

They flush and never commit; only :func:`sign_in` opens its own short transactions, because comparing a password takes
long and nobody else may write meanwhile.
"""

from service.auth.service.accounts import (
    NewAccount,
    User,
    add_membership,
    create_password_link,
    create_person_with_account,
    disable_user,
    end_membership,
    list_users,
    normalise_username,
)
from service.auth.service.persons import get_or_create_person_by_transifex_username, link_transifex_username
from service.auth.service.sessions import (
    SESSION_LIFETIME,
    Login,
    NewSession,
    OpenSession,
    check_password_link,
    end_sessions,
    find_session,
    list_sessions,
    new_session,
    set_password_by_link,
    sign_in,
    sign_out,
    touch_session,
)
from service.auth.service.tokens import (
    TokenUse,
    create_token,
    find_identity_by_token,
    find_token_use,
    revoke_tokens,
    touch_token,
)

__all__ = [
    "SESSION_LIFETIME",
    "Login",
    "NewAccount",
    "NewSession",
    "OpenSession",
    "TokenUse",
    "User",
    "add_membership",
    "check_password_link",
    "create_password_link",
    "create_person_with_account",
    "create_token",
    "disable_user",
    "end_membership",
    "end_sessions",
    "find_identity_by_token",
    "find_session",
    "find_token_use",
    "get_or_create_person_by_transifex_username",
    "link_transifex_username",
    "list_sessions",
    "list_users",
    "new_session",
    "normalise_username",
    "revoke_tokens",
    "set_password_by_link",
    "sign_in",
    "sign_out",
    "touch_session",
    "touch_token",
]
