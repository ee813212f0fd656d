/* The first program any kernel runs. */
#include <stdio.h>

int main(void)
{
    puts("Hello from userspace!");
    return 0;
}
