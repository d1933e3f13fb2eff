import { afterEach, describe, expect, it, vi } from 'vitest'
import { createHttp, Problem, queryText } from '~/client/http'

function answering(status: number, body: unknown, headers: Record<string, string> = {}) {
  const answer = () => Promise.resolve(new Response(JSON.stringify(body), { status, headers }))
  const fetched = vi.fn<(path: string, init: RequestInit) => Promise<Response>>(answer)
  vi.stubGlobal('fetch', fetched)
  return fetched
}
function client() {
  const hooks = { csrf: () => 'token', signedOut: vi.fn(), reached: vi.fn() }
  return { http: createHttp('/api/v1', hooks), hooks }
}
afterEach(() => vi.unstubAllGlobals())

describe('the client', () => {
  it('repeats a parameter for each value and leaves out what is empty', () => {
    expect(queryText({ status: ['online', 'offline'], q: '', cursor: null, limit: 50 })).toBe('?status=online&status=offline&limit=50')
  })

  it('sends the CSRF token with writes only', async () => {
    const fetched = answering(200, {})
    const { http } = client()
    await http.get('/devices')
    await http.post('/jobs', { kind: 'reboot' })
    const sent = fetched.mock.calls.map(([, init]) => (init.headers as Record<string, string>)['x-csrf-token'])
    expect(sent).toEqual([undefined, 'token'])
  })

  it('turns a problem document into a problem with its code and remedy', async () => {
    answering(429, { code: 'session.throttled', detail: 'Too many tries.', remedy: 'Wait.' }, { 'retry-after': '30' })
    const problem = await client().http.get('/session').catch((cause: unknown) => cause)
    expect(problem).toBeInstanceOf(Problem)
    expect(problem).toMatchObject({ code: 'session.throttled', detail: 'Too many tries.', remedy: 'Wait.', retryAfterS: 30 })
  })

  it('says so when an answer is none of ours', async () => {
    vi.stubGlobal('fetch', async () => new Response('<h1>Bad gateway</h1>', { status: 502 }))
    await expect(client().http.get('/devices')).rejects.toMatchObject({ code: 'http.502', unreachable: true })
  })

  it('tells that the server is out of reach', async () => {
    vi.stubGlobal('fetch', async () => { throw new TypeError('failed') })
    const { http, hooks } = client()
    await expect(http.get('/devices')).rejects.toMatchObject({ code: 'client.unreachable', status: 0 })
    expect(hooks.reached).toHaveBeenCalledWith(false)
  })

  it('notices that the session is over, but not that a password was wrong', async () => {
    const { http, hooks } = client()
    answering(401, { code: 'session.wrong-credentials', detail: 'Wrong.' })
    await http.post('/session', {}).catch(() => undefined)
    expect(hooks.signedOut).not.toHaveBeenCalled()
    answering(401, { code: 'session.required', detail: 'Sign in.' })
    await http.get('/devices').catch(() => undefined)
    expect(hooks.signedOut).toHaveBeenCalledOnce()
  })
})
