// An app without a server, on npm's oidc-client-ts: PKCE, UserInfo and refresh by CORS, signing out.
const { authority, client_id, level, step_up } = window.settings;
const here = `${location.origin}/public`;
const manager = new oidc.UserManager({
  authority, client_id,
  redirect_uri: `${here}/callback`, post_logout_redirect_uri: `${here}/signed-out`,
  scope: 'openid email offline_access', prompt: 'consent', loadUserInfo: true, automaticSilentRenew: false,
  filterProtocolClaims: false, // otherwise acr is not in the profile
  userStore: new oidc.WebStorageStateStore({ store: sessionStorage }),
});

function show(name, user) {
  const shown = user && { email: user.profile.email, sub: user.profile.sub, acr: user.profile.acr, access_token: user.access_token };
  document.querySelector('#state').textContent = JSON.stringify({ name, user: shown || null });
}

function doing(action) {
  return () => action().catch((error) => show(`${error.name}: ${error.message}`));
}

const STARTS = {
  '/public/callback': async () => show('signed in', await manager.signinCallback()),
  '/public/signed-out': async () => { await manager.signoutCallback(); show('signed out', await manager.getUser()); },
  '/public/': async () => show('nobody', await manager.getUser()),
};

document.querySelector('#sign-in').onclick = doing(() => manager.signinRedirect());
document.querySelector('#step-up').onclick = doing(
  () => manager.signinRedirect({ scope: 'openid email', acr_values: level, ...step_up }),
);
document.querySelector('#renew').onclick = doing(async () => show('renewed', await manager.signinSilent()));
document.querySelector('#sign-out').onclick = doing(() => manager.signoutRedirect());
doing(STARTS[location.pathname])();
