"""Every form looks like ours: {{ form }} and {{ field.as_field_group }} render screens/parts/{form,field}.html."""

from django.forms.renderers import DjangoTemplates


class FormRenderer(DjangoTemplates):
    form_template_name = "screens/parts/form.html"
    field_template_name = "screens/parts/field.html"
