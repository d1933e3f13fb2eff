"""What can stand in the way of a backup or of its restoration."""

from tikfleet.kernel.errors import TikfleetError


class BackupTargetUnusable(TikfleetError):
    """The place for backups can't be read or written, or another backup is being written there."""

    code = "backup.target"
    title = "The place for backups cannot be used"
    remedy = "Give a directory that this user may write to (it is made when it is not there), or s3://bucket/prefix."


class BackupUnsupported(TikfleetError):
    """A part of this installation can't be copied by this command; nothing was written."""

    code = "backup.unsupported"
    title = "This cannot be backed up by this command"
    remedy = "Read docs/guides/backup-and-restore.md: it names the way for each store."


class BackupNoSpace(TikfleetError):
    """There is not enough free space; nothing was written."""

    code = "backup.no-space"
    title = "There is not enough space"
    remedy = "Free some space or choose another disk, then run the command again."


class BackupDamaged(TikfleetError):
    """A file of the backup is missing or not as it was written; nothing was restored."""

    code = "backup.damaged"
    title = "The backup is damaged"
    remedy = "Restore another backup, or another copy of this one."


class BackupNewer(TikfleetError):
    """The backup was made by a newer version of Tikfleet; nothing was restored."""

    code = "backup.newer"
    title = "The backup belongs to a newer version"
    remedy = "Install the version of Tikfleet that the manifest names, or a later one."


class PassphraseWrong(TikfleetError):
    """The passphrase does not open this backup, or is none that may seal one."""

    code = "backup.passphrase"
    title = "The passphrase is not accepted"
    remedy = "Give the passphrase of this backup: on the prompt, in a file, or in TIKFLEET_BACKUP_PASSPHRASE."


class DirectoryInUse(TikfleetError):
    """The directory to restore into holds something; nothing was changed."""

    code = "backup.not-empty"
    title = "The directory is not empty"
    remedy = "Give a directory that is empty or does not exist."


class PlatformSilent(TikfleetError):
    """The platform that runs on the directory did not keep still for the backup; nothing was written."""

    code = "backup.platform"
    title = "The running platform did not answer"
    remedy = "Run the command as the platform's user; if it stays, stop the platform and run it again."
