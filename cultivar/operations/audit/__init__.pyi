from .audit import Wanted as Wanted
from .audit import audit_entries as audit_entries
from .audit import export_audit as export_audit
from .audit import verify_audit as verify_audit
from .verification import verify as verify
from .verification import verify_everything as verify_everything
