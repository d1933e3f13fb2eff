import type { Job, JobConfirmation, JobStatus } from '~/client/types'
import { conditionFacts } from '~/utils/conditions'
import { formatDuration } from '~/utils/format'
import { t, tWord } from '~/utils/messages'
import { visible } from '~/utils/text'

/** Which parameter says of a typed job what it is about. */
const ABOUT = ['host', 'interface', 'name', 'user', 'profile', 'servers']

/** What a job is called: what somebody wrote about it, else the first line of its script, else its kind and what it is about. */
export function jobTitle(job: Pick<Job, 'description' | 'script' | 'kind' | 'parameters'>): string {
  if (job.description) return visible(job.description)
  if (job.kind === 'script') return visible(job.script?.split('\n').find(text => text.trim()) || tWord('jobKind', job.kind))
  const about = ABOUT.map(name => job.parameters?.[name]).find(value => value !== undefined && value !== null)
  return visible([tWord('jobKind', job.kind), ...(about === undefined ? [] : [valueText(about)])].join(' · '))
}

/** A value of a parameter in words. */
export function valueText(value: Job['parameters'][string]): string {
  if (typeof value === 'boolean') return t(value ? 'router.yes' : 'router.no')
  return Array.isArray(value) ? value.join(', ') : String(value ?? '')
}

export const JOB_STATUSES: JobStatus[] = ['queued', 'delivered', 'running', 'succeeded', 'failed', 'timed_out', 'rolled_back', 'rejected', 'cancelled', 'expired', 'unknown']

export interface ConfirmStep { key: 'changed' | 'reached' | 'kept' | 'undone' | 'unchanged', look: 'done' | 'now' | 'later' | 'undone' }

/** The way of a change that is to be confirmed: made, reached us again, permanent. One that goes back ends there. */
export function confirmSteps(state: JobConfirmation['state']): ConfirmStep[] {
  const looks: Record<typeof state, ConfirmStep['look'][]> = {
    pending: ['later', 'later', 'later'], changed: ['done', 'now', 'later'], reached: ['done', 'done', 'now'], confirmed: ['done', 'done', 'done'],
    undoing: ['done', 'undone'], undone: ['done', 'undone'], none: ['undone'],
  }
  const keys: ConfirmStep['key'][] = state === 'none' ? ['unchanged'] : state.startsWith('und') ? ['changed', 'undone'] : ['changed', 'reached', 'kept']
  return keys.map((key, place) => ({ key, look: state === 'none' ? 'later' : looks[state][place]! }))
}

const OPEN: JobStatus[] = ['queued', 'delivered', 'running']

export function jobIsOpen(job: Pick<Job, 'status'>): boolean {
  return OPEN.includes(job.status)
}

/** Whether it can still be called back: what takes effect once can't when the router has begun it. */
export function jobIsCancellable(job: Pick<Job, 'status' | 'job_class'>): boolean {
  return jobIsOpen(job) && !(job.status === 'running' && job.job_class === 'once')
}

/** What is known about a job beside its output. */
export function jobFacts(job: Job): { label: string, value?: string | null, to?: string, mono?: boolean, at?: string | null }[] {
  return [
    { label: t('device.one'), value: job.device_name, to: `/devices/${job.device_id}` },
    { label: t('job.kind'), value: tWord('jobKind', job.kind) },
    ...(job.kind === 'script' ? [{ label: t('job.class'), value: tWord('jobClass', job.job_class) }] : []),
    { label: t('job.by'), value: job.created_by.name },
    { label: t('job.asked'), at: job.created_at },
    ...(job.started_at ? [{ label: t('job.began'), at: job.started_at }] : []),
    ...(job.finished_at ? [{ label: t('job.finished'), at: job.finished_at }] : []),
    ...(jobIsOpen(job) ? [{ label: t('job.expiresAt'), at: job.expires_at }] : []),
    ...conditionFacts(job),
    { label: t('job.timeLimit'), value: job.timeout_s === null ? null : formatDuration(job.timeout_s) },
    ...(job.batch_id ? [{ label: t('job.batch'), value: t('job.seeBatch'), to: `/jobs?batch_id=${job.batch_id}` }] : []),
    { label: t('job.id'), value: job.id, mono: true },
  ]
}
