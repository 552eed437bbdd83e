/* SPDX-License-Identifier: MIT */
/* The look of a report. */
#ifndef AE_REPORT_STYLE_H
#define AE_REPORT_STYLE_H

/* The page's style sheet: light and dark, for narrow and wide windows. It also turns the black and grey that gnuplot
   draws axes and text with into the colours of the page. */
extern const char ae_report_style[];

#endif
