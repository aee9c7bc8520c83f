"""Where an identity provider's SAML answers arrive. What is no XML, is far too long or declares entities goes no further:
allauth would keep it in a session and fall over it when it is read."""

import base64
import binascii

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from seacliff.people.sign_in import refused

LONGEST = 512 * 1024  # characters in base 64


@csrf_exempt
def acs(request: HttpRequest, organization_slug: str) -> HttpResponseBase:
    from allauth.socialaccount.providers.saml.views import acs as take

    answer = request.POST.get("SAMLResponse", "")
    try:
        if len(answer) > LONGEST:
            raise ValueError("it is too long")
        fromstring(base64.b64decode(answer), forbid_dtd=True)
    except (ValueError, binascii.Error, ParseError, DefusedXmlException) as error:
        refused(request, "saml", f"the answer can't be read: {error}")
        messages.error(request, _("Your company's sign-in sent something that can't be read. Please try again."))
        return redirect("account_login")
    response: HttpResponseBase = take(request, organization_slug=organization_slug)
    return response


def finish(request: HttpRequest, organization_slug: str) -> HttpResponseBase:
    """Where allauth reads the answer. One to a request that is not this browser's own is forbidden there."""
    from allauth.socialaccount.providers.saml.views import finish_acs

    try:
        response: HttpResponseBase = finish_acs(request, organization_slug=organization_slug)
    except PermissionDenied:
        refused(request, "saml", "an answer to a request that is not open here")
        raise
    return response
