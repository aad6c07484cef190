/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of the calls whose return value alone does not tell them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/xattr.h>

#include "kernel.h"

#define MESSAGE 100

/* A socket with n messages of MESSAGE bytes to receive. */
static int full_socket(unsigned int n)
{
	char message[MESSAGE] = { 0 };
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) == 0);
	while (n--)
		must(send(pair[1], message, MESSAGE, 0) == MESSAGE);
	return pair[0];
}

static void receive_from(void *arg)
{
	int fd = full_socket(3);
	char room[MESSAGE];

	(void)arg;
	must(syscall(SYS_recvfrom, fd, room, 60, MSG_PEEK, NULL, NULL) == 60);
	must(syscall(SYS_recvfrom, fd, room, 0, MSG_PEEK | MSG_TRUNC, NULL, NULL) == MESSAGE);
	must(syscall(SYS_recvfrom, fd, room, 7, MSG_TRUNC, NULL, NULL) == MESSAGE);	  /* 7 */
	must(syscall(SYS_recvfrom, fd, room, MESSAGE, MSG_TRUNC, NULL, NULL) == MESSAGE); /* 100 */
	must(syscall(SYS_recvfrom, fd, room, 33, 0, NULL, NULL) == 33);			  /* 33 */
	must(syscall(SYS_recvfrom, fd, room, 33, MSG_DONTWAIT, NULL, NULL) == -1);
}

static long receive_message(int fd, size_t n, const size_t *lens, int flags)
{
	static char room[64][MESSAGE];
	struct iovec iov[64];
	struct msghdr message = { .msg_iov = iov, .msg_iovlen = n };

	for (size_t i = 0; i < n; i++)
		iov[i] = (struct iovec){ room[i], lens ? lens[i] : 1 };
	return syscall(SYS_recvmsg, fd, &message, flags);
}

static void receive_messages(void *arg)
{
	const size_t lens[] = { 7, 0, 8 }, large[] = { 60, 60 };
	int fd = full_socket(4);

	(void)arg;
	must(receive_message(fd, 3, lens, MSG_PEEK) == 15);
	must(receive_message(fd, 3, lens, MSG_PEEK | MSG_TRUNC) == MESSAGE);
	must(receive_message(fd, 3, lens, MSG_TRUNC) == MESSAGE);  /* 15 */
	must(receive_message(fd, 2, large, MSG_TRUNC) == MESSAGE); /* 100 */
	must(receive_message(fd, 64, NULL, MSG_TRUNC) == MESSAGE); /* 64 */
	must(receive_message(fd, 3, lens, 0) == 15);		   /* 15 */
	must(receive_message(fd, 0, NULL, MSG_DONTWAIT) == -1);
}

/* A file with one attribute of 5 bytes, whose list of names is 10 long ("trusted.x" and NUL), if
 * nothing else gives it some. */
static int file_with_attribute(char path[64])
{
	int fd = memfd_create("bytes", 0);

	must(fd >= 0);
	(void)snprintf(path, 64, "/proc/self/fd/%d", fd);
	must(fsetxattr(fd, "trusted.x", "value", 5, 0) == 0);
	return fd;
}

static void get_attributes(void *arg)
{
	char path[64], value[32];
	int fd = file_with_attribute(path);

	(void)arg;
	for (size_t size = 0; size <= sizeof(value); size += sizeof(value)) {
		must(syscall(SYS_getxattr, path, "trusted.x", value, size) == 5);
		must(syscall(SYS_fgetxattr, fd, "trusted.x", value, size) == 5);
		must(syscall(SYS_listxattr, path, value, size) == 10);
		must(syscall(SYS_flistxattr, fd, value, size) == 10);
	}
	must(syscall(SYS_fgetxattr, fd, "trusted.x", value, 1) == -1 && errno == ERANGE);
}

#define NR_GETXATTRAT 464
#define NR_LISTXATTRAT 465

/* These exist from Linux 6.13 on; before, nothing is returned and nothing counted. */
static void get_attributes_at(void *arg)
{
	struct {
		uint64_t value;
		uint32_t size, flags;
	} args = { 0 };
	char path[64], value[32];
	int fd = file_with_attribute(path);

	(void)fd;
	(void)arg;
	for (args.size = 0; args.size <= sizeof(value); args.size += sizeof(value)) {
		args.value = args.size ? (uintptr_t)value : 0;
		must(syscall(NR_GETXATTRAT, AT_FDCWD, path, 0, "trusted.x", &args, sizeof(args)) ==
			     5 ||
		     errno == ENOSYS);
		must(syscall(NR_LISTXATTRAT, AT_FDCWD, path, 0, value, (size_t)args.size) == 10 ||
		     errno == ENOSYS);
	}
}

static void read_kernel_log(void *arg)
{
	char text[50];
	long *got = arg;

	must(syscall(SYS_syslog, 10, NULL, 0) > 0); /* the size of the log: none of it read */
	*got = syscall(SYS_syslog, 3, text, sizeof(text));
	must(*got >= 0);
}

static void send_to_queue(void *arg)
{
	struct {
		long type;
		char text[33];
	} message = { .type = 1 };
	int id = (int)syscall(SYS_msgget, 0, 0600 | 01000); /* private */

	(void)arg;
	must(id >= 0);
	for (int i = 0; i < 10; i++)
		must(syscall(SYS_msgsnd, id, &message, sizeof(message.text), 0) == 0);
	must(syscall(SYS_msgsnd, -1, &message, sizeof(message.text), 0) == -1);
	must(syscall(SYS_msgsnd, id, &message, 0, 0) == 0);
	must(syscall(SYS_msgctl, id, 0, NULL) == 0); /* IPC_RMID */
}

static void send_to_posix_queue(void *arg)
{
	struct {
		long flags, maxmsg, msgsize, curmsgs;
		long reserved[4];
	} attributes = { .maxmsg = 5, .msgsize = 64 };
	char message[17] = { 0 };
	const char *name = arg;
	int fd = (int)syscall(SYS_mq_open, name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attributes);

	must(fd >= 0 && syscall(SYS_mq_unlink, name) == 0);
	for (int i = 0; i < 5; i++)
		must(syscall(SYS_mq_timedsend, fd, message, sizeof(message), 0, NULL) == 0);
	must(syscall(SYS_mq_timedsend, fd, message, sizeof(message), 0, NULL) == -1); /* full */
}

static void read_bytes_of(const char *tag, body *run, void *arg, const char *call, uint64_t calls,
			  uint64_t bytes)
{
	struct trace trace;
	char comm[COMM_SIZE];

	comm_make(comm, tag);
	trace_join(&trace);
	child_run(comm, run, arg);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, call), calls);
	ck_assert_uint_eq(trace_bytes(&trace, comm, call), bytes);
	trace_close(&trace);
}

START_TEST(recvfrom_counts_what_it_took)
{
	read_bytes_of("rcvf", receive_from, NULL, "recvfrom", 6, 7 + 100 + 33);
}
END_TEST

START_TEST(recvmsg_counts_what_it_took)
{
	read_bytes_of("rcvm", receive_messages, NULL, "recvmsg", 7, 15 + 100 + 64 + 15);
}
END_TEST

static const struct {
	const char *call;
	uint64_t calls, bytes;
} attributes[] = {
	{ "getxattr", 2, 5 },
	{ "fgetxattr", 3, 5 },
	{ "listxattr", 2, 10 },
	{ "flistxattr", 2, 10 },
};

START_TEST(a_question_for_the_size_of_an_attribute_has_no_bytes)
{
	read_bytes_of("xatr", get_attributes, NULL, attributes[_i].call, attributes[_i].calls,
		      attributes[_i].bytes);
}
END_TEST

START_TEST(the_same_holds_for_the_newest_attribute_calls)
{
	const bool there = syscall(NR_LISTXATTRAT, -1, "", 0, NULL, 0) == -1 && errno != ENOSYS;

	read_bytes_of("xat1", get_attributes_at, NULL, "getxattrat", 2, there ? 5 : 0);
	read_bytes_of("xat2", get_attributes_at, NULL, "listxattrat", 2, there ? 10 : 0);
}
END_TEST

START_TEST(syslog_counts_only_what_it_read)
{
	long *got =
		mmap(NULL, sizeof(*got), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct trace trace;
	char comm[COMM_SIZE];

	ck_assert_ptr_ne(got, MAP_FAILED);
	comm_make(comm, "slog");
	trace_join(&trace);
	child_run(comm, read_kernel_log, got);
	trace_read(&trace);
	ck_assert_uint_eq(trace_calls(&trace, comm, "syslog"), 2);
	ck_assert_uint_eq(trace_bytes(&trace, comm, "syslog"), (uint64_t)*got);
	trace_close(&trace);
	(void)munmap(got, sizeof(*got));
}
END_TEST

START_TEST(sending_to_a_queue_counts_the_message)
{
	char name[COMM_SIZE];

	read_bytes_of("msgs", send_to_queue, NULL, "msgsnd", 12, 330);
	comm_make(name, "mq");
	read_bytes_of("mqts", send_to_posix_queue, name, "mq_timedsend", 6, 85);
}
END_TEST

TCase *bytes_tests(void)
{
	TCase *tcase = tcase_create("bytes");

	kernel_add(tcase, recvfrom_counts_what_it_took);
	kernel_add(tcase, recvmsg_counts_what_it_took);
	kernel_add_loop(tcase, a_question_for_the_size_of_an_attribute_has_no_bytes,
			sizeof(attributes) / sizeof(attributes[0]));
	kernel_add(tcase, the_same_holds_for_the_newest_attribute_calls);
	kernel_add(tcase, syslog_counts_only_what_it_read);
	kernel_add(tcase, sending_to_a_queue_counts_the_message);
	return tcase;
}
