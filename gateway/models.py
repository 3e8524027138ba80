"""Every table of the house: importing this module fills `Base.metadata`."""

import ca.crl.models
import ca.journal.models
import ca.models
import enrollment.models
import foundation.audit.checkpoint_model
import foundation.audit.model
import foundation.database.compatibility
import gateway.approvals.models
import gateway.bulk_revocation.models
import gateway.edge.registry.models
import gateway.edge.tokens.models
import gateway.nodes.model
import gateway.openid.models
import gateway.sessions.model
import gateway.signing_keys.models
import workflow_core.models

__all__ = ["ca", "enrollment", "foundation", "gateway", "workflow_core"]
