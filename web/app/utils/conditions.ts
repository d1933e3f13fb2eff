import type { Job, JobClass, JobKindInfo, NewJob, RunWindow } from '~/client/types'
import { formatDuration } from '~/utils/format'
import { t, tWord } from '~/utils/messages'

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** What comes before a change, how often it is tried, and who is told of its end. */
export interface Conditions { backup_first: boolean, retried: boolean, attempts: number, pause_s: number, notify_url: string, told_like: ToldLike | null }
/** A run whose address is told again: the address itself is not shown to anybody. */
export interface ToldLike { id: string, host: string }
export interface WindowPick { start: string, end: string, days: string[], timezone: string }

export const noConditions = (): Conditions => ({ backup_first: false, retried: false, attempts: 3, pause_s: 60, notify_url: '', told_like: null })
export const nightly = (timezone: string): WindowPick => ({ start: '22:00', end: '05:00', days: [...DAYS], timezone })

/** Which conditions go with what is asked: a backup comes before changes, and what takes effect once is never repeated. */
export interface Fitting { backs_up: boolean, repeats: boolean }

export function fittingOf(form: { kind: string, job_class: JobClass, confirm_s: number }, info: JobKindInfo | undefined, confirmable: boolean): Fitting {
  const free = form.kind === 'script' || form.kind === 'library'
  const own = free ? form.job_class : form.kind === 'menu' ? 'desired-state' : info?.classes[0] ?? 'once'
  return { backs_up: free || form.kind === 'menu' || (info !== undefined && own !== 'query'), repeats: own !== 'once' && !(confirmable && form.confirm_s) }
}

export const noFit = (): Fitting => ({ backs_up: false, repeats: false })

/** The part of a request that says so. */
export function conditionsPart(conditions: Conditions, fits: Fitting): Pick<NewJob, 'backup_first' | 'retry' | 'notify_url'> {
  return {
    ...(fits.backs_up && conditions.backup_first ? { backup_first: true } : {}),
    ...(fits.repeats && conditions.retried ? { retry: { attempts: conditions.attempts, pause_s: conditions.pause_s } } : {}),
    ...(conditions.notify_url.trim() ? { notify_url: conditions.notify_url.trim() } : {}),
  }
}

/** A maintenance window in words. */
export function windowText(window: Pick<RunWindow, 'start' | 'end' | 'timezone'> & { days?: readonly string[] }): string {
  const days = window.days ?? DAYS
  const named = days.length === DAYS.length ? t('conditions.daily') : days.map(day => tWord('day', day)).join(' ')
  return t('run.windowText', { days: named, start: window.start, end: window.end, zone: window.timezone ?? 'UTC' })
}

/** How often something is done, and with what pause. */
export function attemptsText(attempts: number, pause_s: number): string {
  return t('conditions.attemptsText', { n: attempts, span: formatDuration(pause_s) })
}

/** The conditions of a job that was made. */
export function conditionFacts(job: Job): { label: string, value?: string, to?: string, at?: string | null }[] {
  return [
    ...(job.window ? [{ label: t('run.window'), value: windowText(job.window) }] : []),
    ...(job.backup_job_id ? [{ label: t('conditions.before'), value: t('conditions.seeBackup'), to: `/jobs/${job.backup_job_id}` }] : []),
    ...(job.retry ? [{ label: t('conditions.attempts'), value: attemptsText(job.retry.attempts, job.retry.pause_s) }] : []),
    ...(job.retry?.failures ? [{ label: t('conditions.failures'), value: String(job.retry.failures) }] : []),
    ...(job.retry?.not_before ? [{ label: t('conditions.next'), at: job.retry.not_before }] : []),
    ...(job.notifies ? [{ label: t('conditions.told'), value: job.notifies, to: `/callbacks?subject_id=${job.id}` }] : []),
  ]
}
