// Shows what the server sends to this browser, and answers a request at a door where somebody presses a button on it. What it
// gets was encrypted for this browser; it opens nothing by itself: an answer goes out with the session of whoever is signed in
// here, as from the page.
const here = (path) => new URL(path.replace(/^\/+/, ''), self.registration.scope).href

self.addEventListener('push', (event) => {
  const { title, body, tag, path, until, request, says } = event.data?.json() ?? {}
  const isOver = until !== undefined && until <= Date.now()
  const actions = request === undefined || isOver ? [] : [{ action: 'yes', title: says.yes }, { action: 'no', title: says.no }]
  event.waitUntil(self.registration.showNotification(title ?? 'Oncekey', {
    body: isOver ? says.over : body, tag: request ?? tag, icon: here('icon.svg'), actions, requireInteraction: actions.length > 0, data: { path, request, says, title }
  }))
})

self.addEventListener('notificationclick', (event) => {
  const { path = '/', request, says, title } = event.notification.data ?? {}
  event.notification.close()
  event.waitUntil(event.action === 'yes' || event.action === 'no' ? answer({ path, request, says, title, approve: event.action === 'yes' }) : show(path))
})

async function answer ({ path, request, says, title, approve }) {
  const heard = await fetch(here(`api/v1/door-codes/${encodeURIComponent(request)}/decision`), {
    method: 'POST', credentials: 'same-origin', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ approve })
  }).catch(() => null)
  if (heard?.ok || heard?.status === 409) return self.registration.showNotification(title, { body: heard.ok ? says.done : says.over, tag: request, icon: here('icon.svg'), data: { path } })
  // Nobody is signed in, or has to prove who they are: the page asks.
  return show(path)
}

async function show (path) {
  const address = here(path)
  const [window] = await self.clients.matchAll({ type: 'window' })
  if (window === undefined) return self.clients.openWindow(address)
  await window.focus()
  return window.navigate(address)
}
