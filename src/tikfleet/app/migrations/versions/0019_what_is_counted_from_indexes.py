"""what is counted from indexes"""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute(
        "update device_state set status = 'removed' where device_id in "
        "(select id from device where deleted_at is not null)"
    )
    op.drop_index("device_state_org", table_name="device_state")
    op.create_index(
        "device_state_kinds", "device_state", ["org_id", "status", "model", "version", "architecture", "device_id"]
    )
    op.drop_index("device_org", table_name="device")
    op.create_index("device_place", "device", ["org_id", "deleted_at", "site_id", "id"])
    op.drop_index("device_event_device", table_name="device_event")
    op.create_index("device_event_of_device", "device_event", ["org_id", "device_id", "id"])
    op.create_index("device_event_of_kind", "device_event", ["org_id", "kind", "id"])
    op.create_index("job_by_status", "job", ["org_id", "status", "created_at", "id"])
    op.create_index("job_of_device", "job", ["org_id", "device_id", "created_at", "id"])
