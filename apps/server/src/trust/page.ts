import type { Authority } from '../platform/tls/tls.ts'
import { deviceOf, devices, type DeviceGuide } from './devices.ts'

export type TrustPage = {
  authority: Authority
  /** Where people go with TLS. */
  address: string
  /** The browser's User-Agent: its own steps stand open, at the top, unless it came with TLS. */
  agent: string
  /** Whether it came with TLS already. */
  isTrusted: boolean
}

/** How to trust this server's own authority: what it is, its fingerprint, its files, the steps for each device. No script. */
export function trustPage ({ authority, address, agent, isTrusted }: TrustPage): string {
  const ours = isTrusted ? null : deviceOf(agent)
  const sorted = [...devices].sort((a, b) => Number(b.id === ours) - Number(a.id === ours))
  const ends = new Date(authority.endsAt)
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Trust this server · Oncekey</title><link rel="icon" href="data:,"><link rel="stylesheet" href="trust.css"></head><body>
<header>${mark}<span>Oncekey</span></header>
<main>
<h1>Let this device trust your Oncekey</h1>
<p class="lead">Your server speaks TLS with a certificate of its own, which no browser knows yet. Tell this device once, and the warning is gone: passwords travel sealed, and passkeys, camera and notifications work.</p>
${isTrusted ? '<p class="note"><b>You came with TLS.</b> If your browser did not warn you, this device trusts the server already, and there is nothing to do.</p>' : ''}
<ol class="steps">
<li><h2>Compare the fingerprint</h2>
<p>The operator finds the same one (SHA-256) where the server was started. If a single sign differs, stop: somebody is between you and the server.</p>
<p class="print" id="fingerprint">${printed(authority.fingerprint)}</p></li>
<li><h2>Install the certificate</h2>
${sorted.map((one) => guide(one, one.id === ours)).join('')}</li>
<li><h2>Open Oncekey</h2>
<p>It opens without a warning. If it does not, close the browser completely and try again.</p>
<p><a class="button${ours === null ? '' : ' quiet'}" href="${text(address)}">Open ${text(address)}</a></p></li>
</ol>
<section aria-labelledby="what"><h2 id="what">What you trust</h2>
<p>An authority named <b>${text(authority.name)}</b>, made by this server and kept on it, until <time datetime="${ends.toISOString()}">${ends.toISOString().slice(0, 10)}</time>. It can only vouch for this server’s names and for private ones (such as <code>.local</code> and <code>192.168…</code>), not for other sites on the internet. You can remove it in the same place at any time.</p>
<p>Files: <a href="ca.crt">ca.crt</a> (DER, for devices) · <a href="ca.pem">ca.pem</a> (PEM, for programs and controllers) · <a href="ca.mobileconfig">ca.mobileconfig</a> (Apple profile)</p></section>
</main></body></html>`
}

function guide ({ name, file, button, steps }: DeviceGuide, isOpen: boolean): string {
  return `<details${isOpen ? ' open' : ''}><summary>${text(name)}</summary><p><a class="button${isOpen ? '' : ' quiet'}" href="${file}" aria-label="${text(`${button} for ${name}`)}">${button}</a></p><ol>${steps.map((step) => `<li>${step}</li>`).join('')}</ol></details>`
}

/** Four signs in a group, that eyes can hold. */
function printed (fingerprint: string): string {
  const pairs = fingerprint.split(':')
  const groups = Array.from({ length: Math.ceil(pairs.length / 2) }, (_one, i) => pairs.slice(2 * i, 2 * i + 2).join(':'))
  return groups.map((group) => `<span>${text(group)}</span>`).join(' ')
}

function text (value: string): string {
  return value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

const mark = '<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true"><rect width="32" height="32" rx="8" fill="#0f766e"/><circle cx="12" cy="16" r="5" fill="none" stroke="#fff" stroke-width="3"/><path d="M17 16h9M22.5 16v4.5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>'

export const trustCss = `:root{color-scheme:light dark;--bg:light-dark(#f7f8fa,#0e1116);--surface:light-dark(#fff,#171b22);--text:light-dark(#14181f,#e8ecf1);--muted:light-dark(#55606e,#a3adba);--line:light-dark(#d9dee5,#2b323c);--edge:light-dark(#848e9b,#6b7684);--accent:light-dark(#0f766e,#2dd4bf);--on-accent:light-dark(#fff,#04211d)}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif;background:var(--bg);color:var(--text);margin:0 auto;max-width:720px;padding:16px 16px 64px;overflow-wrap:break-word}
header{display:flex;align-items:center;gap:12px;font-weight:650;padding:8px 0 24px}
h1{font-size:28px;line-height:1.2;font-weight:650;letter-spacing:-.015em;margin:0 0 12px;text-wrap:balance}
h2{font-size:20px;line-height:1.3;font-weight:600;margin:0 0 4px}
p{margin:0 0 12px}.lead{color:var(--muted);margin-bottom:24px}
a{color:var(--accent);text-underline-offset:3px}
code{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.9em;overflow-wrap:anywhere}
.note{border:1px solid var(--accent);border-radius:12px;padding:12px 16px}
.steps{list-style:none;counter-reset:step;margin:0;padding:0}
.steps>li{counter-increment:step;background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:20px 20px 8px;margin:0 0 16px}
.steps>li>h2::before{content:counter(step) '. ' / '';color:var(--muted);font-variant-numeric:tabular-nums}
.print{display:grid;grid-template-columns:repeat(auto-fill,minmax(3.4em,1fr));gap:4px 8px;font:600 16px/1.6 ui-monospace,'SF Mono',Menlo,Consolas,monospace;background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:12px}
.button{display:inline-flex;align-items:center;min-height:44px;padding:8px 20px;border-radius:12px;border:1px solid var(--accent);background:var(--accent);color:var(--on-accent);font-weight:600;text-decoration:none;overflow-wrap:anywhere}
.button.quiet{background:transparent;color:var(--text);border-color:var(--edge)}
h2+details{margin-top:12px}details{border-top:1px solid var(--line)}details[open]{padding-bottom:8px}
summary{padding:12px 0;min-height:44px;cursor:pointer;font-weight:600}
details ol{padding-left:24px;margin:0 0 8px}details li{margin:0 0 8px}
section{padding:8px 4px;color:var(--muted)}section h2{color:var(--text)}section b,section time{color:var(--text)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:6px}
@media (min-width:640px){.print{grid-template-columns:repeat(8,1fr);font-size:17px}}`
