"""An edge's folder and configuration, made from the settings."""

from foundation.i18n import Catalogues
from foundation.settings import Settings
from gateway.composition.ground import ROOMS
from gateway.edge.files import EdgeFiles
from gateway.edge.rendering import prepare_state, render_configuration
from gateway.edge.rendering.pages import Answers
from gateway.edge.routes import Routes


def prepare_edge(settings: Settings) -> str:
    """Return HAProxy's configuration and lay out the folder it names.

    The certificates, CRLs and keys in there are the agent's. Raises `EdgeError`
    and `RoutesError`.
    """
    routes = Routes.load(settings.resolved_routes)
    answers = Answers(Catalogues.load(ROOMS), settings.public_url, settings.portal_url)
    configuration = render_configuration(settings, routes, answers.content_security_policy)
    prepare_state(EdgeFiles(settings.resolved_edge_state), answers.files())
    return configuration
