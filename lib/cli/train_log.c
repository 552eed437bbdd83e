/* SPDX-License-Identifier: MIT */
/* The loss curve of a training, in a file. */
#include "cli/train_log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"

int ae_train_log_begin(struct ae_train_log *log, bool ensemble, struct ae_error *err)
{
	const char *head = ensemble ? "epoch,loss,valid_loss,member\n" : "epoch,loss,valid_loss\n";
	return ae_outfile_begin_live(&log->file, err) == 0 ? ae_outfile_write(&log->file, head, strlen(head), err) : -1;
}

bool ae_train_log_epoch(struct ae_train_log *log, const struct ae_session_report *r, const char *member)
{
	char loss[AE_NUMBER_TEXT], valid[AE_NUMBER_TEXT] = "", line[3 * AE_NUMBER_TEXT];
	if (log->failed)
		return false;
	ae_number_format_f64(loss, r->loss);
	if (!isnan(r->valid_loss))
		ae_number_format_f64(valid, r->valid_loss);
	int len = snprintf(line, sizeof(line), "%llu,%s,%s%s%s\n", (unsigned long long)r->epoch, loss, valid,
		*member ? "," : "", member);
	if (ae_outfile_write(&log->file, line, (size_t)len, &log->error) == 0)
		return false;
	log->failed = true;
	ae_outfile_end_line(&log->file);
	ae_outfile_abandon(&log->file);
	return true;
}

int ae_train_log_end(struct ae_train_log *log, const char *model, struct ae_error *err)
{
	if (!log->failed && ae_outfile_commit(&log->file, false, &log->error) == 0)
		return 0;
	*err = log->error;
	(void)ae_fail_more(err, ": it ends early");
	if (!model)
		return -1;
	(void)ae_fail_more(err, "; the model is in ");
	return ae_fail_more(err, model);
}
