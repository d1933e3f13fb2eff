import { t } from '~/utils/messages'

/** What the API says when it can't or won't: RFC 9457, with a stable code and a remedy. */
export class Problem extends Error {
  override name = 'Problem'
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly remedy: string | null = null,
    readonly errors: { pointer: string, message: string }[] = [],
    readonly retryAfterS: number | null = null,
  ) {
    super(detail)
  }

  /** True when nothing was asked: the network or the server is away, and what we hold may still be right. */
  get unreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504
  }
}

export type Query = Record<string, string | number | boolean | null | undefined | readonly (string | number)[]>

export interface HttpHooks {
  /** The CSRF token of the session, sent with every unsafe request. */
  csrf: () => string | null
  /** Called when the API says that nobody is signed in. */
  signedOut: () => void
  /** Called after every request with whether the server answered at all. */
  reached: (ok: boolean) => void
}

export function queryText(query: Query = {}): string {
  const params = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== '') params.append(key, String(one))
    }
  }
  const text = params.toString()
  return text ? `?${text}` : ''
}

interface RouterRefusal { error?: number, message?: string, detail?: string }

/** What a router itself refuses comes in RouterOS's own form, `{"error":404,"message":"Not Found","detail":"no such item"}`. */
function routerProblem(status: number, body: RouterRefusal): Problem {
  return new Problem(status, `routeros.${body.error}`, body.detail ?? body.message ?? '', t('problem.routerRemedy'))
}

/** Reads a problem document; an answer that is none (a proxy's page, say) becomes one that says so. */
export async function readProblem(response: Response): Promise<Problem> {
  const retry = Number(response.headers.get('retry-after')) || null
  try {
    const body = await response.json() as Partial<Problem> & { title?: string } & RouterRefusal
    if (typeof body.error === 'number') return routerProblem(response.status, body)
    if (typeof body.code === 'string') {
      return new Problem(response.status, body.code, body.detail ?? body.title ?? '', body.remedy ?? null, body.errors ?? [], retry)
    }
  } catch {
    // Not JSON: fall through to what the status alone tells.
  }
  return new Problem(response.status, `http.${response.status}`, t('problem.status', { status: response.status }), t('problem.statusRemedy'), [], retry)
}

/** An answer that may also be that there is none yet: 202, with where to ask again. */
export interface Answer<T> { status: number, data: T }

/** The lines of a body as they come, whatever the pieces that they come in. */
export async function eachLine(body: ReadableStream<Uint8Array>, line: (text: string) => void): Promise<void> {
  const reader = body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader()
  let rest = ''
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split('\n')
    rest = lines.pop()!
    for (const text of lines) if (text) line(text)
  }
  if (rest) line(rest)
}

export function createHttp(base: string, hooks: HttpHooks) {
  async function send<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    return (await exchange<T>(method, path, body, signal)).data
  }

  async function exchange<T>(method: string, path: string, body?: unknown, signal?: AbortSignal, more: Record<string, string> = {}): Promise<Answer<T>> {
    const response = await request(method, path, body, signal, more)
    return { status: response.status, data: (response.status === 204 ? undefined : await response.json()) as T }
  }

  /** A POST whose answer is a JSON document a line, each told as it comes. Throws the problem of a refusal, and what breaks the stream. */
  async function stream<T>(path: string, body: unknown, signal: AbortSignal, tell: (one: T) => void): Promise<void> {
    const response = await request('POST', path, body, signal, { accept: 'application/x-ndjson, application/problem+json' })
    if (response.body) await eachLine(response.body, text => tell(JSON.parse(text) as T))
  }

  async function request(method: string, path: string, body: unknown, signal: AbortSignal | undefined, more: Record<string, string>): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json', ...more }
    if (body !== undefined) headers['content-type'] = 'application/json'
    const token = method === 'GET' ? null : hooks.csrf()
    if (token) headers['x-csrf-token'] = token
    let response: Response
    try {
      const payload = body === undefined ? undefined : JSON.stringify(body)
      response = await fetch(base + path, { method, headers, body: payload, signal, credentials: 'same-origin' })
    } catch (cause) {
      if (signal?.aborted) throw cause
      hooks.reached(false)
      throw new Problem(0, 'client.unreachable', t('problem.unreachable'), t('problem.unreachableRemedy'))
    }
    hooks.reached(true)
    if (response.ok) return response
    const problem = await readProblem(response)
    if (problem.status === 401 && problem.code !== 'session.wrong-credentials') hooks.signedOut()
    throw problem
  }

  return {
    exchange,
    stream,
    get: <T>(path: string, query?: Query, signal?: AbortSignal) => send<T>('GET', path + queryText(query), undefined, signal),
    post: <T>(path: string, body: unknown = {}, signal?: AbortSignal) => send<T>('POST', path, body, signal),
    put: <T>(path: string, body: unknown) => send<T>('PUT', path, body),
    patch: <T>(path: string, body: unknown) => send<T>('PATCH', path, body),
    delete: <T = void>(path: string, query?: Query) => send<T>('DELETE', path + queryText(query)),
  }
}
export type Http = ReturnType<typeof createHttp>
