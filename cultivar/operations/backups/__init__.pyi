from .backups import BackupMade as BackupMade
from .backups import create_backup as create_backup
from .backups import list_backups as list_backups
from .restoring import Restored as Restored
from .restoring import VerifiedBackup as VerifiedBackup
from .restoring import restore_backup as restore_backup
from .restoring import verify_backup as verify_backup
