import { describe, expect, it } from 'vitest'
import { faultOf, fieldsOf, initialValues, kindGroups, kindLabel, parametersFrom } from '~/utils/kindForm'
import { canBeConfirmed, emptyJobForm, heldPick, libraryFields, newJobOf } from '~/utils/jobForm'
import type { JobKindInfo } from '~/client/types'

const PING = {
  kind: 'ping', classes: ['query'], parameters: {
    properties: {
      count: { type: 'integer', minimum: 1, maximum: 100, default: 4 },
      host: { type: 'string', minLength: 1, maxLength: 253, examples: ['192.0.2.1'], description: 'An address or a name.' },
      interface: { anyOf: [{ type: 'string', maxLength: 64 }, { type: 'null' }], default: null },
      driver: { enum: ['auto', 'wifi'], default: 'auto' },
      allow: { anyOf: [{ type: 'boolean' }, { type: 'null' }], default: null },
      servers: { type: 'array', maxItems: 2, items: { type: 'string' } },
      password: { type: 'string', writeOnly: true, minLength: 0, default: '' },
    },
    required: ['host'],
  },
} as unknown as JobKindInfo
const fields = fieldsOf(PING)
const field = (name: string) => fields.find(one => one.name === name)!

describe('the fields of a kind', () => {
  it('come from its schema, those that are required first', () => {
    expect(fields[0]).toMatchObject({ name: 'host', required: true, type: 'text', example: '192.0.2.1', most: 253 })
    expect(fields.map(one => one.type)).toEqual(['text', 'integer', 'text', 'choice', 'boolean', 'list', 'secret'])
    expect(initialValues(fields)).toMatchObject({ host: '', count: '4', interface: '', driver: 'auto', allow: '' })
  })

  it('are sent with their types, without those that were left empty', () => {
    expect(parametersFrom(fields, { host: ' 192.0.2.1 ', count: '7', interface: '', driver: 'wifi', allow: 'false', servers: 'a, b a', password: '' }))
      .toEqual({ host: '192.0.2.1', count: 7, driver: 'wifi', allow: false, servers: ['a', 'b'] })
  })

  it('say what is wrong before anything is sent', () => {
    expect(faultOf(field('host'), ' ')?.key).toBe('kindField.needed')
    expect(faultOf(field('count'), '101')).toEqual({ key: 'kindField.between', least: 1, most: 100 })
    expect(faultOf(field('count'), '1.5')?.key).toBe('kindField.between')
    expect(faultOf(field('servers'), 'a b c')?.key).toBe('kindField.long')
    expect([faultOf(field('count'), '100'), faultOf(field('interface'), ''), faultOf(field('password'), '')]).toEqual([null, null, null])
  })

  it('have words for people, also when nobody has written any', () => {
    expect([kindLabel({ name: 'max_hops' }), kindLabel({ name: 'some_new_thing' })]).toEqual(['Hops at most', 'Some new thing'])
  })
})

describe('the kinds', () => {
  it('are offered in groups, and one that is new is not lost', () => {
    expect(kindGroups(['reboot', 'ping', 'brew-coffee'])).toEqual([
      { group: 'look', kinds: ['ping'] }, { group: 'power', kinds: ['reboot'] }, { group: 'other', kinds: ['brew-coffee'] },
    ])
  })

  it('can be confirmed where they change a configuration', () => {
    expect(canBeConfirmed({ kind: 'ping' }, PING)).toBe(false)
    expect(canBeConfirmed({ kind: 'reboot' }, { ...PING, classes: ['once'] })).toBe(false)
    expect(canBeConfirmed({ kind: 'dns' }, { ...PING, classes: ['desired-state'] })).toBe(true)
    expect(canBeConfirmed({ kind: 'script' }, undefined)).toBe(true)
  })
})

describe('the request of a job', () => {
  it('is typed', () => {
    const form = emptyJobForm({ kind: 'ping', parameters: { host: '192.0.2.1', count: 2, interface: null } })
    expect(newJobOf(form, { device_ids: ['dev_1'] }, fields, false)).toMatchObject({ kind: 'ping', device_ids: ['dev_1'], parameters: { host: '192.0.2.1', count: 2 } })
  })

  it('is once when the router may undo it', () => {
    const form = { ...emptyJobForm({ script: ':put 1' }), job_class: 'query' as const, confirm_s: 300 }
    expect(newJobOf(form, {}, [], true)).toMatchObject({ job_class: 'once', confirm: { within_s: 300 } })
    expect(newJobOf({ ...form, kind: 'ping' }, {}, fields, false)).not.toHaveProperty('confirm')
  })

  it('names a version of the library with values of its parameters', () => {
    const parameters = [{ name: 'zone', type: 'string' as const, description: '', default: null }, { name: 'hosts', type: 'list' as const, description: '', default: ['a b', 'c'] }]
    const values = { ...initialValues(libraryFields(parameters)), zone: 'Europe/Riga' }
    const form = { ...emptyJobForm(), kind: 'library', library: { id: 'lib_1', version: 2, parameters, values } }
    expect(newJobOf(form, {}, [], true)).toMatchObject({ kind: 'script', library_id: 'lib_1', version: 2, values: { zone: 'Europe/Riga', hosts: ['a b', 'c'] } })
    expect(heldPick({ ...form.library, values: {} })).toBe('Fill in: Zone')
    expect(heldPick(form.library)).toBe('')
  })
})
