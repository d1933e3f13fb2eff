import { describe, expect, it } from 'vitest'
import type { LibraryScript, LibraryVersion } from '~/client/types'
import { emptyLibraryForm, exampleValues, formOfVersion, libraryHeld, newScriptOf, newVersionOf, parametersIn } from '~/utils/libraryForm'

const WRITTEN = {
  ...emptyLibraryForm(), name: ' DNS ', tags: 'dns, branch', source: '/ip dns set servers=${servers} cache-size=${size}', releases: '7.20, 6.49',
  parameters: {
    servers: { type: 'list' as const, description: 'Whom it asks', initial: '' }, size: { type: 'integer' as const, description: '', initial: '4096' },
    gone: { type: 'string' as const, description: '', initial: 'x' },
  },
  samples: [{ name: 'Two', values: { servers: '192.0.2.53, 192.0.2.54', size: '' } }],
}

describe('a script for the library', () => {
  it('has the parameters that it names, with their types and defaults', () => {
    expect(parametersIn(WRITTEN)).toEqual([
      { name: 'servers', type: 'list', description: 'Whom it asks', default: null }, { name: 'size', type: 'integer', description: '', default: 4096 },
    ])
  })

  it('is sent with its tests typed, and with nothing that is gone', () => {
    expect(newScriptOf(WRITTEN)).toMatchObject({
      name: 'DNS', tags: ['dns', 'branch'], visibility: 'private', releases: ['7.20', '6.49'], samples: [{ name: 'Two', values: { servers: ['192.0.2.53', '192.0.2.54'] } }],
    })
    expect(exampleValues(WRITTEN)).toEqual({ servers: ['192.0.2.53', '192.0.2.54'] })
  })

  it('says what is missing', () => {
    expect(libraryHeld({ ...WRITTEN, name: ' ' }, true)).toBe('library.missing.name')
    expect(libraryHeld({ ...WRITTEN, releases: '' }, true)).toBe('library.missing.releases')
    expect(libraryHeld({ ...WRITTEN, samples: [{ name: '', values: {} }] }, true)).toBe('library.missing.sample')
    expect([libraryHeld(WRITTEN, true), libraryHeld({ ...WRITTEN, name: '' }, false)]).toEqual([null, null])
  })

  it('is the same again as the form of its next version', () => {
    const sent = newVersionOf(WRITTEN)
    const version = { ...sent, checks: [{ release: '7.20' }, { release: '6.49' }] } as unknown as LibraryVersion
    const again = formOfVersion({ name: 'DNS', description: '', tags: [], visibility: 'private' } as unknown as LibraryScript, version)
    expect(newVersionOf(again)).toEqual(sent)
  })
})
